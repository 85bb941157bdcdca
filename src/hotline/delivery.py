"""Handing one mail on: to a mail server by SMTP, or into a Maildir on disk.

In come a mail URL and finished messages, out goes nothing but the mail. TLS is verified, and passwords
never travel without it. Keeps no queue: whoever calls tries again.
"""

from __future__ import annotations

import io
import ipaddress
import mailbox
from email.message import Message
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from twisted.internet.defer import Deferred
from twisted.internet.ssl import optionsForClientTLS
from twisted.internet.threads import deferToThreadPool
from twisted.mail.smtp import ESMTPSenderFactory

from hotline.errors import StartError

ANSWER_TIMEOUT_SECONDS = 30
DELIVERY_TIMEOUT_SECONDS = 120

_PORTS = {"smtp": 587, "smtps": 465}


class Delivery(Protocol):
    """A way out for mails."""

    async def deliver(self, message: Message) -> None:
        """Returns when somebody else is answerable for the mail; raises whatever went wrong."""


def delivery_of(reactor: Any, url: str, data_directory: Path, trust_root: Any = None) -> Delivery:
    """The way out a mail URL stands for.

    :param trust_root: who may certify mail servers; None: whom the platform trusts.
    :raises StartError: it is no mail URL, or it would send a password in the clear.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "maildir":
        return MaildirDelivery(reactor, Path(rest) if rest else data_directory / "mail")
    try:
        parts = urlsplit(url)
        return SmtpDelivery(reactor, parts, _uses_starttls(parts), trust_root)
    except ValueError as error:
        # The URL is left out: it may hold a password.
        raise StartError(f"--mail: {error}") from None


def _uses_starttls(parts: SplitResult) -> bool:
    """Whether TLS has to begin on the plain connection. :raises ValueError: the URL makes no sense."""
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise ValueError(
            "has to be maildir:DIR, smtp://host:port?starttls=require or smtps://user:password@host"
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    starttls = options.pop("starttls", None)
    if options or starttls not in (None, "require", "no"):
        raise ValueError("after ? only starttls=require or starttls=no can stand")
    if parts.scheme == "smtps":
        if starttls is not None:
            raise ValueError("smtps:// begins with TLS and takes no starttls")
        return False
    if starttls == "no" and parts.username is not None and not _is_loopback(parts.hostname):
        raise ValueError("a password is not sent without TLS: leave starttls=no out")
    return starttls == "require" or (starttls is None and not _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class MaildirDelivery:
    """Puts mails into a Maildir: for trying things out, or for another program to fetch."""

    def __init__(self, reactor: Any, directory: Path) -> None:
        self._reactor = reactor
        self._directory = directory

    async def deliver(self, message: Message) -> None:
        await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._write, message.as_bytes())

    def _write(self, content: bytes) -> None:
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(self._directory, create=True).add(content)


class SmtpDelivery:
    """Gives mails to one mail server, a connection each: they are few."""

    def __init__(self, reactor: Any, parts: SplitResult, starttls: bool, trust_root: Any) -> None:
        self._reactor = reactor
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._immediate_tls = parts.scheme == "smtps"
        self._starttls = starttls
        self._username = None if parts.username is None else unquote(parts.username).encode()
        self._password = None if parts.password is None else unquote(parts.password).encode()
        uses_tls = self._immediate_tls or starttls
        self._tls = optionsForClientTLS(self._host, trustRoot=trust_root) if uses_tls else None

    async def deliver(self, message: Message) -> None:
        done: Deferred[Any] = Deferred(lambda _: self._abort(factory, connector))
        factory = ESMTPSenderFactory(
            self._username,
            self._password,
            parseaddr(message["From"])[1],
            [message["To"]],
            io.BytesIO(message.as_bytes()),
            done,
            retries=0,
            timeout=ANSWER_TIMEOUT_SECONDS,
            contextFactory=self._tls if self._starttls else None,
            heloFallback=self._username is None and not self._starttls,
            requireAuthentication=self._username is not None,
            requireTransportSecurity=self._starttls,
        )
        factory.noisy = False
        factory.domain = b"localhost" if _is_loopback(self._host) else factory.domain
        if self._immediate_tls:
            connector = self._reactor.connectSSL(
                self._host, self._port, factory, self._tls, timeout=ANSWER_TIMEOUT_SECONDS
            )
        else:
            connector = self._reactor.connectTCP(
                self._host, self._port, factory, timeout=ANSWER_TIMEOUT_SECONDS
            )
        done.addTimeout(DELIVERY_TIMEOUT_SECONDS, self._reactor)
        await done

    @staticmethod
    def _abort(factory: Any, connector: Any) -> None:
        factory.sendFinished = True
        protocol = factory.currentProtocol
        if protocol is not None and protocol.transport is not None:
            protocol.transport.abortConnection()
        else:
            connector.disconnect()
