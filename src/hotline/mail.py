"""Sending what waits in the mails table, one after the other, again and again until it is taken.

In come rings of the doorbell, out go mails. A mail may go out twice when a node dies in between, and
is given up after some days. Never raises out, and logs neither address nor text.
"""

from __future__ import annotations

import email.utils
import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta
from email.header import Header
from email.message import Message
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from hotline.delivery import DELIVERY_TIMEOUT_SECONDS, delivery_of
from hotline.domain import checks
from hotline.domain.limits import DEFAULTS
from hotline.errors import Unavailable
from hotline.rounds import Rounds
from hotline.store import mails
from hotline.store.database import Database
from hotline.store.ids import new_id
from hotline.store.mails import Mail
from hotline.store.sealed import LOST

LOOK_SECONDS = 30.0
"""How often the table is looked at without a ring: for what is to be tried again."""

# Longer than any attempt, so that no other node begins one meanwhile.
_CLAIM = timedelta(seconds=2 * DELIVERY_TIMEOUT_SECONDS)
# A link that is good for half an hour need not be tried for days.
_POST_PAUSES = (0.0, 30.0, 120.0, 300.0)
_LONGEST_LINE = 900
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))


class LostMailError(Exception):
    """What was to be said cannot be opened: its key is gone, or the master key is not there yet."""


class Mailer:
    """One node's sender; `wake` it when there may be something to send.

    :param sender: the address mails come from.
    :param trust_root: who may certify mail servers; None: whom the platform trusts.
    :param most_posted: mails that wait and are stored nowhere; 0: any number.
    :raises StartError: the URL is not one of a way to send mail.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        database: Database,
        url: str,
        data_directory: Path,
        sender: str,
        now: Callable[[], datetime],
        *,
        trust_root: Any = None,
        most_posted: int = DEFAULTS.registration_mails,
    ) -> None:
        self._most_posted = most_posted
        self._database = database
        self._delivery = delivery_of(reactor, url, data_directory, trust_root)
        self._sender = sender
        self._now = now
        self._reactor = reactor
        self._attempt: Deferred[None] | None = None
        self._posting: set[Deferred[None]] = set()
        self._rounds = Rounds(
            reactor,
            LOOK_SECONDS,
            self.send_due,
            self._log,
            away="the mails waiting cannot be read just now",
            failed="sending mail failed",
        )

    async def start(self) -> None:
        """Begin with what waits already."""
        self._rounds.start()

    async def stop(self) -> None:
        """Break off; what was not taken by a mail server stays in the table."""
        self._rounds.end()
        if self._attempt is not None:
            self._attempt.cancel()
        for posting in list(self._posting):
            posting.cancel()
        await self._rounds.ended()

    def wake(self) -> None:
        """There may be something to send."""
        self._rounds.wake()

    def post(self, recipient: str, subject: str, body: str) -> None:
        """Send a mail that is stored nowhere, now or within some minutes, or never.

        :raises Unavailable: too many wait.
        """
        if 0 < self._most_posted <= len(self._posting) or self._rounds.is_ending:
            raise Unavailable()
        mail = Mail(mail_id=new_id(), recipient=recipient, subject=subject, body=body, attempts=0)
        posting = Deferred.fromCoroutine(self._post(mail))
        self._posting.add(posting)
        posting.addBoth(lambda _: self._posting.discard(posting))

    async def _post(self, mail: Mail) -> None:
        for pause in _POST_PAUSES:
            await deferLater(self._reactor, pause)
            try:
                await self._delivery.deliver(self._compose(mail))
            except CancelledError:
                return
            except Exception as error:
                kind = type(error).__name__
                self._log.warn("mail {mail_id} was not sent ({kind})", mail_id=mail.mail_id, kind=kind)
            else:
                self._log.info("mail {mail_id} was sent", mail_id=mail.mail_id)
                return
        self._log.error("mail {mail_id} is given up", mail_id=mail.mail_id)

    async def send_due(self) -> int:
        """Try everything that is due once; how many were sent."""
        async with self._database.transaction() as tx:
            due = await mails.due(tx, self._now())
        sent = 0
        for organisation_id, mail_id in due:
            if not self._rounds.is_ending:
                sent += await self._send(organisation_id, mail_id)
        return sent

    async def _send(self, organisation_id: str, mail_id: str) -> bool:
        async with self._database.transaction(organisation_id) as tx:
            mail = await mails.take(tx, organisation_id, mail_id, self._now())
            if mail is None:
                return False
            await mails.postpone(tx, organisation_id, mail_id, self._now() + _CLAIM)
        try:
            self._attempt = Deferred.fromCoroutine(self._delivery.deliver(self._compose(mail)))
            await self._attempt
        except Exception as error:
            await self._failed(organisation_id, mail, error)
            return False
        finally:
            self._attempt = None
        async with self._database.transaction(organisation_id) as tx:
            await mails.sent(tx, organisation_id, mail_id)
        self._log.info("mail {mail_id} was sent", mail_id=mail_id)
        return True

    async def _failed(self, organisation_id: str, mail: Mail, error: BaseException) -> None:
        kind = type(error).__name__  # its text can hold the address
        code = getattr(error, "code", None)
        async with self._database.transaction(organisation_id) as tx:
            if self._rounds.is_ending:
                await mails.retry(tx, organisation_id, mail.mail_id, self._now())
            elif mail.attempts < len(_PAUSES):
                pause = _PAUSES[mail.attempts]
                await mails.retry(tx, organisation_id, mail.mail_id, self._now() + pause)
                self._log.warn(
                    "mail {mail_id} was not sent ({kind} {code}), next try in {minutes:.0f} minutes",
                    mail_id=mail.mail_id,
                    kind=kind,
                    code=code,
                    minutes=pause.total_seconds() / 60,
                )
            else:
                await mails.sent(tx, organisation_id, mail.mail_id)
                self._log.error(
                    "mail {mail_id} is given up ({kind} {code})", mail_id=mail.mail_id, kind=kind, code=code
                )

    def _compose(self, mail: Mail) -> Message:
        # Of the standard library's two kinds of messages the old one: the new one decodes what looks encoded
        # in a header it is given, so that a name could bring line breaks, and with them headers of its own.
        message = MIMEText(mail.body, "plain", "us-ascii" if _is_plain(mail.body) else "utf-8")
        message["From"] = f"hotline <{self._sender}>"
        message["To"] = mail.recipient
        if checks.email(mail.recipient) != mail.recipient:
            raise ValueError("not one plain address")  # whatever that check lets through one day
        if mail.subject == LOST:
            raise LostMailError()
        message["Subject"] = _header(mail.subject)
        message["Date"] = email.utils.format_datetime(self._now())
        message["Message-ID"] = f"<{mail.mail_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        return message


def _is_plain(body: str) -> bool:
    """Whether it may go as it is: mail servers refuse lines that are long, as those with links can be."""
    return body.isascii() and all(len(line) <= _LONGEST_LINE for line in body.splitlines())


def _header(text: str) -> str:
    """Read as it stands here: what is not plain is encoded, and so is what looks as if it were."""
    is_plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if is_plain else "utf-8", header_name="Subject").encode()


def sender_of(public_url: str) -> str:
    """The address mails come from, on the host people know."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"hotline@{host}"
    return "hotline@localhost"
