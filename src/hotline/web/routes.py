"""Every page: its address, its methods, what is read of a request for it, and who may see it.

In comes nothing; out goes one table, which the dispatcher goes by and the tests are made from. A page without
readers cannot be written down; what somebody may do on a page beyond that is the accounts' business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from hotline.web import (
    account,
    anteroom,
    audit,
    calls,
    editor,
    export,
    factors,
    files,
    front,
    hours,
    invitations,
    organisation,
    passkeys,
    proof,
    ready_answers,
    referrals,
    resets,
    safety,
    session,
    statistics,
    texts,
)
from hotline.web.answers import Answer
from hotline.web.visit import Readers

Page = Callable[..., Awaitable[Answer]]


class Reading(Enum):
    """What is read of a request before its page is asked."""

    FORM = "query, form and login; a form that another site's page sent is refused"
    NOTHING = "the query: who is logged in makes no difference"
    SCRIPT = "query and login; what no script of ours sent is refused, as JSON, and there is no body"
    SCRIPT_FORM = "the same, and a form"
    CLIENT_FORM = (
        "query and form, at an organisation's own address, too; what no script of ours sent is refused"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One page. Parts of the path in angle brackets are arguments of the page."""

    path: str
    page: Page
    readers: Readers
    methods: tuple[str, ...] = ("GET",)
    reading: Reading = Reading.FORM

    @property
    def is_for_scripts(self) -> bool:
        """Whether refusals are JSON, too."""
        return self.reading in (Reading.SCRIPT, Reading.SCRIPT_FORM, Reading.CLIENT_FORM)


_POST = ("POST",)
_FORM = ("GET", "POST")


def _form(path: str, page: Page, readers: Readers) -> Route:
    return Route(path=path, page=page, readers=readers, methods=_FORM)


def _asked(path: str, page: Page, readers: Readers, reading: Reading = Reading.SCRIPT_FORM) -> Route:
    return Route(path=path, page=page, readers=readers, methods=_POST, reading=reading)


def _bare(path: str, page: Page) -> Route:
    return Route(path=path, page=page, readers=Readers.ANYBODY, reading=Reading.NOTHING)


ROUTES: tuple[Route, ...] = (
    Route(path="/", page=front.landing, readers=Readers.ANYBODY),
    _form("/register/org", front.register_organisation, Readers.ANYBODY),
    _form("/register/confirm/<token>", front.confirm_registration, Readers.HOLDERS),
    _form("/login", session.log_in, Readers.ANYBODY),
    Route(path="/logout", page=session.log_out, readers=Readers.PEOPLE, methods=_POST),
    _form("/invite", invitations.invite, Readers.MANAGERS),
    _form("/register/user/<token>", invitations.join, Readers.HOLDERS),
    _form("/forgotpw", resets.forgot_password, Readers.ANYBODY),
    _form("/changepw/<token>", resets.change_password, Readers.HOLDERS),
    _form("/account", account.account, Readers.CONSULTANTS),
    _form("/account/email/<token>", resets.confirm_email, Readers.HOLDERS),
    _form("/account/factors", factors.factors, Readers.PEOPLE),
    _form("/account/proof", proof.proof, Readers.PEOPLE),
    _form("/lostfactor/<token>", resets.lost_factor, Readers.HOLDERS),
    _form("/account/answers", ready_answers.own, Readers.CONSULTANTS),
    _form("/organisation", organisation.organisation, Readers.MANAGERS),
    _form("/organisation/hours", hours.hours, Readers.MANAGERS),
    _form("/organisation/texts", texts.texts, Readers.MANAGERS),
    _form("/organisation/questions", editor.before, Readers.MANAGERS),
    _form("/organisation/survey", editor.survey, Readers.MANAGERS),
    _form("/organisation/record", editor.record, Readers.MANAGERS),
    _form("/organisation/safety", safety.safety, Readers.MANAGERS),
    Route(path="/organisation/audit", page=audit.audit, readers=Readers.MANAGERS),
    _form("/organisation/export", export.export, Readers.MANAGERS),
    _form("/organisation/answers", ready_answers.of_organisation, Readers.MANAGERS),
    _form("/organisation/referrals", referrals.referrals, Readers.MANAGERS),
    Route(path="/organisation/statistics", page=statistics.page, readers=Readers.MANAGERS),
    Route(path="/organisation/statistics.csv", page=statistics.sheet, readers=Readers.MANAGERS),
    Route(path="/clientlist", page=session.console, readers=Readers.CONSULTANTS),
    Route(path="/anteroom.html", page=anteroom.snippet, readers=Readers.ANYBODY),
    # Asked by scripts of ours.
    _asked("/session/ticket", session.ticket, Readers.CONSULTANTS, Reading.SCRIPT),
    # At the login nobody is logged in; for what else it is asked it looks at the login itself.
    _asked("/session/passkey", passkeys.options, Readers.ANYBODY),
    _asked("/account/calls", calls.calls, Readers.CONSULTANTS),
    # Nobody is logged in when a browser's address changes: it knows which one it was.
    _asked("/account/calls/renew", calls.renew, Readers.ANYBODY),
    # By clients' pages: the key of the form says whose room it is.
    _asked("/anteroom/leave", anteroom.leave, Readers.ANYBODY, Reading.CLIENT_FORM),
    # The client's side, files, and what machines ask.
    _bare("/anteroom", anteroom.embedded),
    _bare("/o/<slug>", anteroom.whole_page),
    _bare("/o/<slug>/colours.css", anteroom.colours),
    _bare("/o/<slug>/g/<code>", anteroom.group),
    _bare("/o/<slug>/groups", anteroom.listed),
    _bare("/exit", anteroom.neutral),
    _bare("/away", anteroom.away),
    _bare("/static/<path:path>", files.static),
    _bare("/embed.js", files.loader),
    _bare("/push.js", files.calls),
    _bare("/favicon.ico", files.favicon),
    _bare("/robots.txt", front.robots),
    _bare("/healthz", front.healthz),
    _bare("/readyz", front.readyz),
)
"""All there are; WAMP at /ws and below /wamp has rules of its own."""
