"""Mail: what waits in the table reaches a real mail server or a Maildir, once, and is tried again."""

from __future__ import annotations

import email
import email.policy
import inspect
import mailbox
import re
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.header import decode_header

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from hotline.accounts import Accounts
from hotline.delivery import delivery_of
from hotline.domain import checks
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Role
from hotline.domain.names import has_address
from hotline.errors import StartError, Unavailable
from hotline.mail import Mailer, sender_of
from hotline.passwords import Passwords
from hotline.people import letters
from hotline.store import mails
from tests.certificates import certify_localhost
from tests.helpers import NAUGHTY, make_house

SENDER = "hotline@talk.example.org"


class Postbox:
    """What a mail server was given; may be told to refuse."""

    def __init__(self):
        self.mails = []
        self.refusal = None
        self.over_tls = []

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.over_tls.append(session.ssl is not None)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority, and a certificate of it for localhost."""
    directory = tmp_path_factory.mktemp("certificates")
    authority = certify_localhost(directory / "own.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "own.pem")
    trust = trustRootFromCertificates([Certificate.loadPEM(authority)])
    return context, trust


@pytest.fixture
def serve():
    """Starts a mail server; gives its postbox and port."""
    running = []

    def start(**options):
        postbox = Postbox()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(postbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return postbox, port

    yield start
    for controller in running:
        controller.stop()


class Desk:
    """One organisation's mails on a real database, and a mailer for each URL."""

    def __init__(self, reactor, database, directory, now):
        self.reactor, self.database, self.directory, self.now = reactor, database, directory, now
        self.organisation_id = ""

    async def open(self):
        self.organisation_id = (await make_house(self.database, self.now())).organisation_id
        return self

    async def add(
        self,
        subject="Hello",
        body="Hello there,\n\n.\n.dots at the beginning\nbye\n",
        recipient="tom@example.org",
    ):
        async with self.database.transaction(self.organisation_id) as tx:
            await mails.add(tx, self.organisation_id, recipient, subject, body, self.now())

    def mailer(self, url, **options):
        return Mailer(self.reactor, self.database, url, self.directory, SENDER, self.now, **options)

    async def waiting(self):
        rows = []
        async with self.database.transaction(self.organisation_id) as tx:
            rows = await tx.rows(
                "SELECT attempts, due_at FROM mails WHERE organisation_id = %(organisation)s",
                organisation=self.organisation_id,
            )
        return [(row.attempts, row.due_at) for row in rows]


@pytest.fixture
def desk(reactor, database, tmp_path, now):
    return Desk(reactor, database, tmp_path, now)


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


@ensureDeferred
async def test_maildir_gets_the_mail(desk):
    """By default a mail is a file in data/mail, complete, and gone from the table."""
    await desk.open()
    await desk.add()
    assert await desk.mailer("maildir:").send_due() == 1
    [message] = [read(bytes(mail)) for mail in mailbox.Maildir(desk.directory / "mail")]
    assert message["To"] == "tom@example.org"
    assert message["From"] == f"hotline <{SENDER}>"
    assert message["Subject"] == "Hello"
    assert message["Date"].datetime == desk.now()
    assert message["Message-ID"].endswith("@talk.example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content() == "Hello there,\n\n.\n.dots at the beginning\nbye\n"
    assert await desk.waiting() == []


@ensureDeferred
async def test_smtp_on_the_same_machine(desk, serve):
    """A server on loopback gets the mail without TLS, unchanged."""
    await desk.open()
    await desk.add(subject="Grüße 👾", body="ä" * 2000 + "\n.\nend\n")
    postbox, port = serve()
    assert await desk.mailer(f"smtp://127.0.0.1:{port}").send_due() == 1
    [(sender, recipients, content)] = postbox.mails
    assert (sender, recipients) == (SENDER, ["tom@example.org"])
    assert content.isascii()
    assert read(content)["Subject"] == "Grüße 👾"
    assert read(content).get_content().replace("\r\n", "\n") == "ä" * 2000 + "\n.\nend\n"
    assert postbox.over_tls == [False]
    assert await desk.waiting() == []


@pytest.mark.parametrize("naughty", NAUGHTY)
@ensureDeferred
async def test_odd_names_travel_unchanged(desk, serve, naughty):
    """Names of organisations and people are nothing but text, in subject and body."""
    await desk.open()
    await desk.add(subject=f"Invitation to {naughty}", body=f"{naughty} invites you\n")
    postbox, port = serve()
    assert await desk.mailer(f"smtp://127.0.0.1:{port}").send_due() == 1
    [(_, _, content)] = postbox.mails
    message = read(content)
    assert message["Subject"] == f"Invitation to {naughty}"
    assert message.get_content().replace("\r\n", "\n") == f"{naughty} invites you\n"
    assert len(message.get_all("To")) == 1
    assert message.get_content_type() == "text/plain", "no mail program shows it as a page"


# The server of this test does not know that TLS may be there from the start.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("mode", ["starttls", "immediate"])
@ensureDeferred
async def test_verified_tls_with_password(desk, serve, certificates, mode):
    """With STARTTLS and with TLS from the start: the certificate is verified, then the password sent."""
    context, trust = certificates
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password, session.ssl is not None or mode == "immediate"))
        return AuthResult(success=data.password == b"p@ss/word")

    options = {"auth_required": True, "authenticator": authenticate}
    if mode == "starttls":
        postbox, port = serve(tls_context=context, require_starttls=True, **options)
        url = f"smtp://user:p%40ss%2Fword@localhost:{port}?starttls=require"
    else:
        postbox, port = serve(ssl_context=context, auth_require_tls=False, **options)
        url = f"smtps://user:p%40ss%2Fword@localhost:{port}"
    await desk.open()
    await desk.add()
    assert await desk.mailer(url, trust_root=trust).send_due() == 1
    assert len(postbox.mails) == 1
    assert seen == [(b"user", b"p@ss/word", True)]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@ensureDeferred
async def test_unknown_certificate_gets_nothing(desk, serve, certificates, scheme):
    """Without a certificate of somebody trusted, neither mail nor password goes out."""
    context, _ = certificates
    if scheme == "smtp":
        postbox, port = serve(tls_context=context)
    else:
        postbox, port = serve(ssl_context=context)
    await desk.open()
    await desk.add()
    query = "?starttls=require" if scheme == "smtp" else ""
    assert await desk.mailer(f"{scheme}://u:p@localhost:{port}{query}").send_due() == 0
    assert postbox.mails == []
    assert len(await desk.waiting()) == 1


@ensureDeferred
async def test_server_without_tls_gets_nothing_when_tls_is_required(desk, serve):
    """A server, or somebody in between, that hides STARTTLS does not get the mail."""
    postbox, port = serve()
    await desk.open()
    await desk.add()
    assert await desk.mailer(f"smtp://127.0.0.1:{port}?starttls=require").send_due() == 0
    assert postbox.mails == []


@pytest.mark.parametrize("recipient", ["o'neil+x@example.org", "a..b@docomo.example", "{|}~@x.example"])
@ensureDeferred
async def test_odd_addresses_get_their_mail(desk, serve, recipient):
    """What is an address to whoever has it is one here."""
    await desk.open()
    await desk.add(recipient=recipient)
    postbox, port = serve()
    assert await desk.mailer(f"smtp://127.0.0.1:{port}").send_due() == 1
    assert postbox.mails[0][1] == [recipient]


@pytest.mark.parametrize(
    ("subject", "recipient"),
    [
        ("Hello\r\nBcc: eve@evil.example", "tom@example.org"),
        ("Hello\nBcc: eve@evil.example\n\nMy own words", "tom@example.org"),
        ("Hello", "tom@example.org\r\nBcc: eve@evil.example"),
        ("Hello", "tom@example.org>\r\nRCPT TO:<eve@evil.example"),
        ("Hello", "tom@example.org, eve@evil.example"),
    ],
)
@ensureDeferred
async def test_nobody_is_added_to_a_mail(desk, serve, subject, recipient):
    """Line ends and lists, should they ever come past the checks of forms: nothing goes out, others do."""
    await desk.open()
    await desk.add(subject=subject, recipient=recipient)
    await desk.add(subject="Good")
    postbox, port = serve()
    assert await desk.mailer(f"smtp://127.0.0.1:{port}").send_due() == 1
    [(_, recipients, content)] = postbox.mails
    assert (recipients, read(content)["Subject"]) == (["tom@example.org"], "Good")
    assert b"evil" not in content


@ensureDeferred
async def test_failed_mail_is_tried_again_and_given_up(desk, serve):
    """A refused mail waits longer each time, goes out when the server takes it, and is dropped after days."""
    postbox, port = serve()
    mailer = desk.mailer(f"smtp://127.0.0.1:{port}")
    await desk.open()
    postbox.refusal = "451 later"
    await desk.add()
    assert await mailer.send_due() == 0
    assert await desk.waiting() == [(1, desk.now() + timedelta(minutes=1))]
    assert await mailer.send_due() == 0
    assert await desk.waiting() == [(1, desk.now() + timedelta(minutes=1))], "not tried before it is due"
    desk.now.advance(minutes=1)
    postbox.refusal = None
    assert await mailer.send_due() == 1
    assert len(postbox.mails) == 1

    postbox.refusal = "550 nobody here"
    await desk.add(recipient="nobody@example.org")
    for number in range(8):
        assert len(await desk.waiting()) == 1, number
        assert await mailer.send_due() == 0
        desk.now.advance(days=1)
    assert await desk.waiting() == []


@ensureDeferred
async def test_unreachable_server_keeps_the_mail(desk, serve):
    """Nobody listens: the mail waits."""
    _, port = serve()
    await desk.open()
    await desk.add()
    assert await desk.mailer("smtp://127.0.0.1:1").send_due() == 0
    assert len(await desk.waiting()) == 1
    desk.now.advance(minutes=1)
    assert await desk.mailer(f"smtp://127.0.0.1:{port}").send_due() == 1


@ensureDeferred
async def test_two_nodes_send_it_once(desk, serve):
    """Of two mailers that look at the same moment, one sends."""
    postbox, port = serve()
    await desk.open()
    for _ in range(5):
        await desk.add()
    one, two = (Deferred.fromCoroutine(desk.mailer(f"smtp://127.0.0.1:{port}").send_due()) for _ in range(2))
    assert await one + await two == 5
    assert len(postbox.mails) == 5


@ensureDeferred
async def test_mail_of_a_node_that_died_is_sent_by_another(desk, serve):
    """A mail taken and not finished is due again after a while."""
    postbox, port = serve()
    await desk.open()
    await desk.add()
    async with desk.database.transaction() as tx:
        [(organisation_id, mail_id)] = await mails.due(tx, desk.now())
    async with desk.database.transaction(organisation_id) as tx:
        assert await mails.take(tx, organisation_id, mail_id, desk.now()) is not None
        await mails.postpone(tx, organisation_id, mail_id, desk.now() + timedelta(minutes=4))
    mailer = desk.mailer(f"smtp://127.0.0.1:{port}")
    assert await mailer.send_due() == 0
    desk.now.advance(minutes=5)
    assert await mailer.send_due() == 1
    assert len(postbox.mails) == 1


@ensureDeferred
async def test_mailer_sends_when_woken_and_stops(desk, serve, reactor):
    """Started, it sends what waits and what it is woken for; stopped, it is quiet, also in the middle."""
    postbox, port = serve()
    await desk.open()
    await desk.add()
    mailer = desk.mailer(f"smtp://127.0.0.1:{port}")
    await mailer.start()
    await _until(reactor, lambda: len(postbox.mails) == 1)
    await desk.add()
    mailer.wake()
    await _until(reactor, lambda: len(postbox.mails) == 2)
    await desk.add()
    mailer.wake()
    await mailer.stop()
    assert len(postbox.mails) + len(await desk.waiting()) == 3


@ensureDeferred
async def test_what_is_posted_is_sent_and_stored_nowhere(desk, serve, reactor):
    """A mail without an organisation goes out at once; too many are refused, and a stop ends them."""
    postbox, port = serve()
    mailer = desk.mailer(f"smtp://127.0.0.1:{port}")
    await mailer.start()
    mailer.post("new@example.org", "Register", "Use this:\n\nhttps://help.example/" + "x" * 1200 + "\n")
    await _until(reactor, lambda: len(postbox.mails) == 1)
    async with desk.database.transaction() as tx:
        assert await mails.due(tx, desk.now()) == []
    await mailer.stop()
    with pytest.raises(Unavailable):
        mailer.post("late@example.org", "Register", "Too late")


@ensureDeferred
async def test_what_is_posted_is_tried_again(database, tmp_path, now):
    """Some minutes long, by the clock; what waits is bounded, and stopping gives it up."""
    clock = MemoryReactorClock()
    mailer = Mailer(clock, database, "smtp://127.0.0.1:25", tmp_path, SENDER, now, most_posted=3)
    mailer.post("new@example.org", "Register", "Hello")
    for number, seconds in enumerate((0, 30, 120, 300), start=1):
        clock.advance(seconds - 1 if seconds else 0)
        assert len(clock.tcpClients) == number - bool(seconds)
        clock.advance(1)
        assert len(clock.tcpClients) == number
        clock.tcpClients[-1][2].clientConnectionFailed(None, Failure(ConnectError()))
    clock.advance(3600)
    assert len(clock.tcpClients) == 4
    for _ in range(3):
        mailer.post("more@example.org", "Register", "Hello")
    with pytest.raises(Unavailable):
        mailer.post("one.too.many@example.org", "Register", "Hello")
    await mailer.stop()
    assert clock.getDelayedCalls() == []


@ensureDeferred
async def test_mails_that_cannot_be_opened_are_not_sent(desk):
    """They are tried again, as when a mail server refuses them; the others go."""
    await desk.open()
    await desk.add()
    async with desk.database.transaction(desk.organisation_id) as tx:
        await tx.run("UPDATE mails SET body = 'altered'")
    await desk.add()
    mailer = desk.mailer("maildir:")
    assert await mailer.send_due() == 1
    assert await desk.waiting() == [(1, desk.now() + timedelta(minutes=1))]


@ensureDeferred
async def test_mailer_outlives_a_database_that_is_away(desk, reactor):
    """Without the database it waits, and stops when asked to."""
    await desk.open()
    mailer = desk.mailer("maildir:")
    desk.database.close()
    await mailer.start()
    await deferLater(reactor, 0.05)
    mailer.wake()
    await mailer.stop()


async def _until(reactor, condition):
    for _ in range(500):
        if condition():
            return
        await deferLater(reactor, 0.02)
    raise AssertionError("did not happen")


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org",
        "smtp:",
        "smtp://",
        "smtp://host:99999",
        "smtp://host/path",
        "smtp://host?tls=yes",
        "smtp://host?starttls=maybe",
        "smtps://host?starttls=require",
        "smtp://user:secret@mail.example.org?starttls=no",
    ],
)
def test_wrong_urls_stop_the_start(reactor, tmp_path, url):
    """One line says what is wrong, without a password in it."""
    with pytest.raises(StartError) as caught:
        delivery_of(reactor, url, tmp_path)
    assert str(caught.value).startswith("--mail: ")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("https://talk.example.org", "hotline@talk.example.org"),
        ("http://localhost:8080", "hotline@localhost"),
        ("http://127.0.0.1:8080", "hotline@localhost"),
        ("http://[::1]:8080", "hotline@localhost"),
    ],
)
def test_sender_is_on_the_public_host(url, sender):
    """Mails come from the host people know; an address without a name is none."""
    assert sender_of(url) == sender


# What programs that read mail take for something else, as names that people may choose.
HOSTILE = (
    "=?utf-8?q?a=0D=0ABcc:_victim@other.example?=",
    "=?utf-8?b?DQpCY2M6IHZpY3RpbUBvdGhlci5leGFtcGxlDQoNCg==?=",
    "x =?utf-8?q?=0D=0A=0D=0Aanother_body?= y",
    "%0d%0aBcc: victim@other.example",
    'Bcc: victim@other.example, "',
    "<victim@other.example>, (x",
    "W" * 80,
    "Ω" * 80,
    "مركز الأمل للاستشارة",
    "Świętokrzyska Poradnia Rodzinna",
)
PUBLIC_URL = "https://talk.example.org"
_PARAMETERS = {
    "role": Role.STAFF,
    "link": f"{PUBLIC_URL}/changepw/{'x' * 43}",
    "expires_at": datetime(2026, 11, 23, tzinfo=UTC),
    "at": datetime(2026, 11, 23, tzinfo=UTC),
    "is_new": True,
    "failures": 3,
    "left": 3,
    "days": 7,
}


def all_letters():
    """Every kind of mail there is."""
    found = inspect.getmembers(letters, inspect.isfunction)
    return [kind for _, kind in found if inspect.signature(kind).return_annotation == "tuple[str, str]"]


@ensureDeferred
async def test_every_kind_of_mail_with_every_name(desk, serve):
    """As a mail server gets it: to one recipient, with the subject and text that were meant and no header
    more, in plain text, its link on a line of its own."""
    await desk.open()
    kinds = all_letters()
    assert len(kinds) >= 13
    wanted = []
    for number, name in enumerate(map(checks.name, HOSTILE)):
        # Those that could do the most, in every kind of mail; the others where they are in the subject.
        for kind in kinds if number < 2 else (letters.invitation,):
            parameters = inspect.signature(kind).parameters
            subject, body = kind(**{each: _PARAMETERS.get(each, name) for each in parameters})
            assert ("link" in parameters) == (f"\n\n{_PARAMETERS['link']}\n\n" in body)
            wanted.append((subject, letters.headed("Bcc: victim@other.example\n\nlogo", body)))
    postbox, port = serve()
    mailer = desk.mailer(f"smtp://127.0.0.1:{port}")
    for subject, body in wanted:
        await desk.add(subject=subject, body=body)
    while await desk.waiting():
        assert await mailer.send_due() > 0
    found = []
    for sender, recipients, content in postbox.mails:
        assert (sender, recipients, content.isascii()) == (SENDER, ["tom@example.org"], True)
        assert max(map(len, content.splitlines())) <= 998
        message = read(content)
        assert sorted(message.keys()) == sorted(
            ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
             "Content-Transfer-Encoding"]
        )  # fmt: skip
        assert (message["To"], message["From"]) == ("tom@example.org", f"hotline <{SENDER}>")
        assert message.get_content_type() == "text/plain"
        text = base64_or_text(content)
        found.append((header_of(content), text))
    assert sorted(found) == sorted(wanted)


def header_of(content):
    """The subject as programs show it: encoded words decoded once, by the rules of RFC 2047."""
    raw = email.message_from_bytes(content)["Subject"]
    parts = decode_header(raw.replace("\r\n", "").replace("\n", ""))
    return "".join(
        part if isinstance(part, str) else part.decode(charset or "ascii") for part, charset in parts
    )


def base64_or_text(content):
    """The text, decoded as its headers say."""
    message = email.message_from_bytes(content)
    text = message.get_payload(decode=True).decode(message.get_content_charset())
    return text.replace("\r\n", "\n")


@ensureDeferred
async def test_links_are_on_the_public_address(desk, serve, reactor, tmp_path):
    """An invitation, a forgotten password, another address and a lost factor, asked for by people with such
    names, of those that may be chosen: each mail goes to whom it is for, and its link works."""
    organisation, username, other, third = [name for name in HOSTILE if not has_address(name)][:4]
    passwords = Passwords(reactor, tmp_path / "secrets", cost=4)
    passwords.start()
    try:
        accounts = Accounts(desk.database, passwords, DomainLimits(), PUBLIC_URL, desk.now)
        manager = await accounts.register_organisation(
            organisation=organisation,
            username=username,
            email="mara@example.org",
            password="violet-anchor-midnight",
        )
        await accounts.invite(manager.actor, email="tom@example.org", role="staff")
        await accounts.forgot_password("mara@example.org")
        await accounts.change_profile(
            manager.actor, username=other, email="new@example.org", password="violet-anchor-midnight"
        )
        postbox, port = serve()
        mailer = desk.mailer(f"smtp://127.0.0.1:{port}")
        assert await mailer.send_due() == 4
        links = {}
        for _, [recipient], content in postbox.mails:
            for link in re.findall(r"^http.*$", base64_or_text(content), re.M):
                links[recipient, link.rpartition("/")[0]] = link.rpartition("/")[2]
        assert set(links) == {
            ("tom@example.org", f"{PUBLIC_URL}/register/user"),
            ("mara@example.org", f"{PUBLIC_URL}/changepw"),
            ("new@example.org", f"{PUBLIC_URL}/account/email"),
        }
        joined = await accounts.accept_invitation(
            links["tom@example.org", f"{PUBLIC_URL}/register/user"],
            username=third,
            password="violet-anchor-midnight",
        )
        assert joined.actor.organisation_id == manager.actor.organisation_id
    finally:
        passwords.stop()
