"""How long things last and how many there may be; keys of the `[limits]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLimits:
    """Limits of what people do (those of connections are SessionLimits of the protocols)."""

    ticket_seconds: float = 60.0
    """How long a ticket from /session/ticket is good."""
    invitation_hours: float = 168.0
    """How long an invitation's link is good."""
    reset_minutes: float = 30.0
    """How long a link to change a forgotten password is good."""
    login_idle_minutes: float = 30.0
    """A login unused for so long ends; an open console counts as use."""
    login_hours: float = 12.0
    """A login ends after so long in any case."""
    login_delay_seconds: float = 60.0
    """The longest that the next try waits after wrong passwords or codes of one account (0: no wait)."""
    logins_per_network: int = 50
    """Wrong passwords and codes from one network before each more waits (0: any number)."""
    proof_minutes: float = 5.0
    """So long after a password or factor was shown, what is of weight may be done without another."""
    password_queue: int = 8
    """How many password checks may wait; more are answered with 503 (0: no limit)."""
    entries_per_minute: float = 300.0
    """Clients who may enter one organisation by one node, at once and in each minute; more work for it."""
    entries_per_network: float = 30.0
    """The same of those who come from one network: earlier work for them, never a closed door."""
    registrations_per_network: float = 10.0
    """Organisations registered from one network, at once and in each hour."""
    resets_per_network: float = 20.0
    """Links to change a forgotten password that are asked for from one network, at once and in each hour."""
    invitations_per_hour: float = 100.0
    """Invitations of one organisation, those sent again too, at once and in each hour."""
    upkeep_seconds: float = 20.0
    """A node looks for what is due, and says that it is alive, so often, at least one second apart."""
    audit_days: float = 365.0
    """How long the audit log tells of what was done, at least 30 (0: while the organisation is there)."""
