"""Settings from command line, environment and file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotline.addresses import OwnAddresses, split_endpoint
from hotline.config import LIMITS, TransportSetting, load_settings
from hotline.domain.limits import DomainLimits
from hotline.errors import StartError
from hotline.protocols.limits import NodeLimits, SessionLimits
from hotline.settable import CONFIG, OPTIONS

MANUAL = Path(__file__).parents[1] / "docs" / "operators.md"

WriteFile = Callable[[str], dict[str, str]]


@pytest.fixture
def file(tmp_path: Path) -> WriteFile:
    """Writes a configuration file and gives the options that name it."""

    def write(text: str) -> dict[str, str]:
        path = tmp_path / "hotline.toml"
        path.write_text(text)
        return {"config": str(path)}

    return write


def refusal(options: dict[str, Any], environ: dict[str, str] | None = None) -> str:
    with pytest.raises(StartError) as caught:
        load_settings(options, environ or {})
    sentence = str(caught.value)
    assert sentence
    assert "\n" not in sentence
    return sentence


def test_defaults_need_nothing() -> None:
    """Without any option hotline serves its own machine on an embedded database in var."""
    settings = load_settings({}, {"HOME": "/root", "LANG": "C"})
    assert settings.data == Path("var").absolute()
    assert settings.is_embedded
    assert settings.http == ("tcp:8080:interface=127.0.0.1",)
    assert settings.transports == ()
    assert settings.public_url == "http://127.0.0.1:8080"
    assert not settings.is_https
    assert settings.mail == f"maildir:{Path('var').absolute()}/mail"
    assert settings.log_format == "text"
    assert not settings.registers_by_mail
    assert settings.session_limits == SessionLimits()
    assert settings.domain_limits == DomainLimits()


def test_command_line_beats_environment_beats_file(file: WriteFile) -> None:
    """Each place overrides the next, option by option."""
    options = file('data = "/file"\nlog_format = "json"\npublic_url = "https://file.example"\n')
    environ = {"HOTLINE_DATA": "/environment", "HOTLINE_PUBLIC_URL": "https://environment.example"}
    settings = load_settings({**options, "data": "/line", "public-url": None, "http": []}, environ)
    assert settings.data == Path("/line")
    assert settings.public_url == "https://environment.example"
    assert settings.log_format == "json"


def test_the_environment_may_name_the_file(file: WriteFile) -> None:
    """HOTLINE_CONFIG does what --config does, and --config wins."""
    path = file('log_format = "json"\n')["config"]
    assert load_settings({}, {"HOTLINE_CONFIG": path}).log_format == "json"
    assert load_settings({"config": path}, {"HOTLINE_CONFIG": "/nowhere.toml"}).log_format == "json"


@pytest.mark.parametrize("where", ["line", "environment", "file", "file as text"])
def test_repeatable_options(where: str, file: WriteFile) -> None:
    """Several endpoints: repeated on the command line, separated by white space or as a list elsewhere."""
    both = ["rawsocket:tcp:8081:interface=127.0.0.1", "rawsocket:unix:/run/hotline.sock"]
    expected = (
        TransportSetting(name="rawsocket", endpoint="tcp:8081:interface=127.0.0.1"),
        TransportSetting(name="rawsocket", endpoint="unix:/run/hotline.sock"),
    )
    if where == "line":
        settings = load_settings({"transport": both}, {})
    elif where == "environment":
        settings = load_settings({}, {"HOTLINE_TRANSPORT": f"  {both[0]}\n{both[1]} "})
    elif where == "file":
        settings = load_settings(file(f"transport = {both}\n"), {})
    else:
        settings, expected = load_settings(file(f'transport = "{both[0]}"\n'), {}), expected[:1]
    assert settings.transports == expected


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("tcp:8080:interface=127.0.0.1", "http://127.0.0.1:8080"),
        ("tcp:80", "http://127.0.0.1"),
        ("tcp:port=9000:interface=0.0.0.0", "http://127.0.0.1:9000"),
        (r"tcp:9000:interface=\:\:1", "http://[::1]:9000"),
        ("ssl:443:privateKey=key.pem:certKey=cert.pem:interface=Example.org", "https://example.org"),
    ],
)
def test_the_public_url_follows_the_first_endpoint(endpoint: str, url: str) -> None:
    """What a browser on this machine would open."""
    assert load_settings({"http": [endpoint, "tcp:1"]}, {}).public_url == url


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://Help.example/", "https://help.example"),
        ("https://help.example:443", "https://help.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_public_url_is_written_as_an_origin(given: str, url: str) -> None:
    """As browsers write it in Origin, so that the two can be compared."""
    assert load_settings({"http": ["unix:/run/hotline.sock"], "public_url": given}, {}).public_url == url


def test_a_wildcard_gives_each_organisation_an_address() -> None:
    """The pages are at the host without it."""
    settings = load_settings({"public_url": "https://*.Help.example:8443"}, {})
    assert (settings.public_url, settings.own_addresses) == ("https://help.example:8443", True)
    assert load_settings({}, {}).own_addresses is False


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("haven.help.example", "haven"),
        ("Haven.HELP.example:443", "haven"),
        ("haven-2.help.example", "haven-2"),
        ("help.example", None),
        (".help.example", None),
        ("-x.help.example", None),
        ("a.b.help.example", None),
        ("haven.help.example:8443", None),
        ("haven.help.example.evil.example", None),
        ("evilhelp.example", None),
        ("", None),
    ],
)
def test_own_addresses(host: str, slug: str | None) -> None:
    """Exactly one label before the host; only a page of that same host may connect to it."""
    own = OwnAddresses(public_url="https://help.example")
    assert own.slug_of(host) == slug
    assert own.is_own("https://haven.help.example", host) is (slug == "haven")
    assert not own.is_own("http://haven.help.example", host)
    assert own.origin_of("haven-2") == "https://haven-2.help.example"
    assert own.origin_of("-") is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"databse": "x"}, "unknown option --databse: did you mean database?"),
        ({"database": "mysql://user:secret@host/x"}, "--database has to be embedded: or postgresql://"),
        ({"http": ["8080"]}, "8080 is not an endpoint"),
        ({"http": ["tcp:many"]}, "tcp:many has no port"),
        ({"http": ["tcp:65536"]}, "tcp:65536 has no port"),
        ({"http": ["unix:/run/hotline.sock"]}, "give --public-url"),
        ({"transport": ["rawsocket"]}, "rawsocket has to be NAME:ENDPOINT"),
        ({"transport": ["rawsocket:tcp:x"]}, "tcp:x has no port"),
        ({"public_url": "https://help.*.example"}, "nothing more"),
        ({"public_url": "https://*.*.example"}, "nothing more"),
        ({"public_url": "*.help.example"}, "has to be"),
        ({"public_url": "help.example"}, "has to be http:// or https:// and a host"),
        ({"public_url": "https://help.example/chat"}, "nothing more"),
        ({"public_url": "https://user@help.example"}, "nothing more"),
        ({"public_url": "http://[help"}, "is not a URL"),
        ({"public_url": "http://help:port"}, "is not a URL"),
        ({"mail": "imap://host"}, "--mail has to be"),
        ({"mail": "smtp:"}, "--mail has to be"),
        ({"registration": "never"}, "--registration has to be at-once or by-mail, not never"),
        ({"log_format": "xml"}, "--log-format has to be text or json, not xml"),
        ({"metrics": "9100"}, "9100 is not an endpoint"),
        ({"metrics": "tcp:x"}, "tcp:x has no port"),
        ({"open_realm": "test", "http": ["tcp:8080"]}, "has to listen on loopback, not on tcp:8080"),
        ({"open_realm": "test", "http": ["tcp:8080:interface=0.0.0.0"]}, "has to listen on loopback"),
        ({"open_realm": "test", "http": ["tcp:8080:interface=127.0.0.1.example"]}, "on loopback"),
        ({"open_realm": "test", "http": ["systemd:domain=INET:index=0"], "public_url": "http://a"}, "on lo"),
        ({"open_realm": "test", "transport": ["rawsocket:tcp:8081"]}, "on loopback, not on tcp:8081"),
        ({"open_realm": "test", "metrics": "tcp:9100"}, "on loopback, not on tcp:9100"),
        ({"open_realm": "a b"}, "--open-realm has to be a name"),
        ({"config": "/nowhere.toml"}, "--config: cannot read /nowhere.toml: No such file or directory"),
        ({"data": "/etc/passwd"}, "/etc/passwd is not a directory"),
        ({"data": ""}, "--data has to be a directory, not empty"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], words: str) -> None:
    """One line that says which option and what is wrong with it."""
    assert words in refusal(options)


def test_passwords_are_never_shown() -> None:
    """Neither a refused URL nor the settings themselves tell a password."""
    assert "secret" not in refusal({"database": "mysql://user:secret@host/x"})
    assert "secret" not in refusal({"mail": "imaps://user:secret@host"})
    settings = load_settings(
        {"database": "postgresql://user:secret@host/x", "mail": "smtps://user:secret@host"}, {}
    )
    assert "secret" not in repr(settings)


OPEN_DATABASE = {"database": "postgresql://user:secret@host/x"}
OPEN_MAIL = {"mail": "smtps://user:secret@host"}


@pytest.mark.parametrize(
    ("options", "environment", "mode", "said"),
    [
        ({}, {}, 0o644, []),
        ({"database": "postgresql://user@host/x", "mail": "smtp://host"}, {}, 0o644, []),
        (OPEN_DATABASE, {}, 0o600, ["--database"]),
        ({"database": "postgresql://host/x?user=u&password=secret"}, OPEN_MAIL, 0o600, ["--database"]),
        (OPEN_DATABASE | OPEN_MAIL, {}, 0o600, ["--database", "--mail"]),
        ({}, OPEN_DATABASE | OPEN_MAIL, 0o644, []),
        ({"config": OPEN_DATABASE | OPEN_MAIL}, {}, 0o640, []),
        ({"config": OPEN_DATABASE | OPEN_MAIL}, {}, 0o644, ["database", "mail"]),
        ({"config": OPEN_DATABASE}, OPEN_DATABASE, 0o644, []),
    ],
)
def test_passwords_in_the_open_are_named(
    tmp_path: Path, options: dict[str, Any], environment: dict[str, str], mode: int, said: list[str]
) -> None:
    """On the command line, and in a file that everybody may read; not what came from elsewhere."""
    file = tmp_path / "hotline.toml"
    content = options.get("config", {})
    file.write_text("".join(f'{name} = "{value}"\n' for name, value in content.items()))
    file.chmod(mode)
    variables = {f"HOTLINE_{name.upper()}": value for name, value in environment.items()}
    settings = load_settings(options | {"config": str(file)}, variables)
    places = [name if name.startswith("--") else f"{file}: {name}" for name in said]
    assert [each.partition(" has a password, ")[0] for each in settings.exposed] == places
    assert "secret" not in str(settings.exposed)


def test_unknown_variables_are_named() -> None:
    """A typing error in the environment does not pass in silence."""
    assert refusal({}, {"HOTLINE_LOGFORMAT": "json"}) == (
        "unknown variable HOTLINE_LOGFORMAT in the environment: did you mean HOTLINE_LOG_FORMAT?"
    )
    assert refusal({}, {"HOTLINE_LOG_FORMAT": "xml"}).startswith("HOTLINE_LOG_FORMAT has to be")


def test_an_empty_variable_counts_as_not_set() -> None:
    """As a unit file or a container leaves it."""
    assert load_settings({}, {"HOTLINE_HTTP": " ", "HOTLINE_DATA": ""}).http == (
        "tcp:8080:interface=127.0.0.1",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('htp = "tcp:1"', "unknown key htp: did you mean http?"),
        ('public-url = "http://x"', "unknown key public-url: did you mean public_url?"),
        ('config = "other.toml"', "unknown key config"),
        ("data = 3", "data has to be a text"),
        ('data = ["a"]', "data has to be a text"),
        ("http = [1]", "http has to be a text or a list of texts"),
        ("http = []", "at least one endpoint"),
        ("http = ", "not valid TOML"),
        ("[limit]\nburst = 1", "unknown key limit: did you mean limits?"),
        ("limits = 3", "limits has to be a table"),
        ("[limits]\nbrust = 1", "unknown key brust in [limits]: did you mean burst?"),
        ("[limits]\nburst = -1", "burst has to be a number, 0 or more"),
        ("[limits]\nping_seconds = inf", "ping_seconds has to be a number, 0 or more"),
        ("[limits]\nburst = nan", "burst has to be a number, 0 or more"),
        ("[limits]\nburst = true", "burst has to be a number, 0 or more"),
        ('[limits]\nburst = "1"', "burst has to be a number, 0 or more"),
        ("[limits]\nburst = 1.5", "[limits] burst has to be a whole number"),
        ("[limits]\npassword_queue = 1.5", "[limits] password_queue has to be a whole number"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key(text: str, words: str, file: WriteFile) -> None:
    """The message names the file and the key."""
    options = file(text)
    sentence = refusal(options)
    assert words in sentence
    assert options["config"] in sentence


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are a wrong file, not a crash."""
    path = tmp_path / "hotline.toml"
    path.write_bytes(b"\xff\xfe")
    assert "not valid TOML" in refusal({"config": str(path)})


@pytest.mark.parametrize(
    ("public_url", "mail", "given", "by_mail"),
    [
        ("https://help.example", "smtp://mail.example", None, True),
        ("https://help.example", "smtp://mail.example", "at-once", False),
        ("https://help.example", "maildir:", None, False),
        ("http://help.example", "smtp://mail.example", None, False),
        ("http://help.example", "maildir:/tmp/mail", "by-mail", True),
    ],
)
def test_registering_by_mail(public_url: str, mail: str, given: str | None, by_mail: bool) -> None:
    """Where mails arrive and people come by https, unless the operator says otherwise."""
    options = {"public_url": public_url, "mail": mail, "registration": given}
    assert load_settings(options, {}).registers_by_mail is by_mail


def test_limits_come_from_their_table(file: WriteFile) -> None:
    """Each key goes to the part it belongs to; 0 lifts a limit; whole numbers do for fractions."""
    settings = load_settings(file("[limits]\nburst = 0\nmessages_per_second = 3\nlogin_hours = 0.5\n"), {})
    assert settings.session_limits == SessionLimits(burst=0, messages_per_second=3)
    assert settings.domain_limits == DomainLimits(login_hours=0.5)


def test_endpoint_strings_are_split_as_twisted_does() -> None:
    """Backslashes protect colons; named arguments are told apart."""
    assert split_endpoint(r"tcp:80:interface=\:\:1") == ("tcp", ["80"], {"interface": "::1"})
    assert split_endpoint(r"unix:/run/a\:b") == ("unix", ["/run/a:b"], {})
    assert split_endpoint("") == ("", [], {})


def test_the_manual_has_every_option_and_limit() -> None:
    """docs/operators.md names all of them, with their variables and defaults."""
    manual = MANUAL.read_text()
    for option in (*OPTIONS, CONFIG):
        assert f"`{option.flag} {option.metavar}`" in manual.replace("\\|", "|")
        assert f"`{option.variable}`" in manual
    for name in LIMITS:
        owner = next(each for each in (SessionLimits(), DomainLimits(), NodeLimits()) if hasattr(each, name))
        assert f"| `{name}` | {getattr(owner, name)} |".replace(".0 |", " |") in manual


def test_open_realm() -> None:
    """There is none unless it is named, and every endpoint is this machine's."""
    assert load_settings({}, {}).open_realm is None
    for http in ("tcp:8080:interface=127.0.0.1", "tcp:8080:interface=localhost", r"tcp:8080:interface=\:\:1"):
        options = {"open_realm": "realm1", "http": [http], "transport": ["rawsocket:unix:/tmp/socket"]}
        options["metrics"] = "tcp:9100:interface=127.0.0.1"
        assert load_settings(options, {}).open_realm == "realm1"
