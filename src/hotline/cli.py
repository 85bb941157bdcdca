"""`hotline ...` on the command line: administration, and a scripted client.

In come arguments, out come lines on standard output and an exit code: 0 done, 1 not done, with the
reason in one line, 2 not understood. Never starts the daemon.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TextIO

from twisted.internet.task import react

from hotline.commands import checkup, copies, keys, people, scripted
from hotline.commands.house import House, opened
from hotline.commands.output import Output, plain
from hotline.commands.scripted import CallError
from hotline.config import load_settings
from hotline.domain.model import LANGUAGE
from hotline.errors import HotlineError, Invalid, StartError

_SETTINGS = ("data", "database", "config", "public_url", "mail", "master_keys", "leaked_passwords")
_Arguments = argparse.Namespace


def main() -> None:
    """The console script."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name may have characters that the terminal's locale does not.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = make_parser().parse_args(sys.argv[1:])

    async def go(reactor: Any) -> None:
        code = await run(reactor, arguments, sys.stdout, sys.stderr)
        if code:
            raise SystemExit(code)

    react(go)


async def run(reactor: Any, arguments: _Arguments, stdout: TextIO, stderr: TextIO) -> int:
    """Do what the arguments say; the exit code."""
    output = Output(stdout, arguments.json, stderr)
    try:
        return await arguments.run(reactor, arguments, output) or 0
    except CallError as error:
        problem = {"error": error.uri, "sentences": error.sentences, "details": error.details}
        sentence = str(error)
    except Invalid as error:
        problem = {"error": error.uri, "sentences": [error.sentence], "details": error.details}
        sentence = "; ".join(f"{field} {trouble}" for field, trouble in error.details.items())
    except HotlineError as error:
        problem = {"error": error.uri, "sentences": [error.sentence], "details": error.details}
        sentence = str(error.details.get("reason") or error.sentence)
    except StartError as error:
        problem = {"error": "hotline.error.start", "sentences": [str(error)], "details": {}}
        sentence = str(error)
    except BrokenPipeError:
        return 1
    except Exception as error:
        sentence = f"this should not happen: {type(error).__name__}: {error}"
        problem = {"error": "hotline.error.internal", "sentences": [sentence], "details": {}}
    stderr.write(json.dumps(problem) + "\n" if arguments.json else f"hotline: {plain(sentence)}\n")
    return 1


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hotline",
        description="Administration of hotline, and a scripted client. twistd hotline is the daemon.",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_organisations(_group(commands, "org", "organisations"))
    _add_staff(_group(commands, "staff", "the consultants of an organisation"))
    _add_tokens(_group(commands, "token", "API tokens, for scripted clients"))
    _add_keys(_group(commands, "keys", "the master keys, without which no text can be read"))
    _add_receipts(_group(commands, "receipts", "of what was deleted: what kind, when, how much"))
    _add_audit(_group(commands, "audit", "of what was done in an organisation: who, when, what"))
    _add_maintenance(commands)
    _add_scripted(commands)
    return parser


def _group(commands: Any, name: str, help: str) -> Any:
    return commands.add_parser(name, help=help, allow_abbrev=False).add_subparsers(
        metavar="COMMAND", required=True
    )


def _add_organisations(group: Any) -> None:
    _with_house(group, "list", "all organisations", people.list_organisations)
    create = _with_house(
        group, "create", "a new organisation and its first manager", people.create_organisation
    )
    create.add_argument("name")
    create.add_argument("--username", required=True, help="the manager's name")
    create.add_argument("--email", required=True, help="the manager's email address")
    create.add_argument(
        "--password-file",
        metavar="FILE",
        help="the manager's password (- for standard input); without it a link to choose one is printed",
    )
    create.add_argument(
        "--language",
        metavar="TAG",
        default=LANGUAGE,
        help="the language its clients are served in at first, such as de or pt-BR (default %(default)s)",
    )
    export = _with_house(group, "export", "all that an organisation has, into two files", people.export)
    export.add_argument("slug")
    export.add_argument("directory", metavar="DIR", help="for SLUG.json and SLUG.html")
    delete = _with_house(group, "delete", "an organisation with everything in it", people.delete_organisation)
    delete.add_argument("slug")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def _add_staff(group: Any) -> None:
    listed = _with_house(group, "list", "all consultants", people.list_staff)
    invite = _with_house(group, "invite", "mail and print a link to join", people.invite)
    invite.add_argument("email")
    invite.add_argument("--role", choices=("staff", "manager"), default="staff")
    remove = _with_house(group, "remove", "a consultant", people.remove_consultant)
    remove.add_argument("email")
    for parser in (listed, invite, remove):
        parser.add_argument("--organisation", required=True, metavar="SLUG")


def _add_tokens(group: Any) -> None:
    create = _with_house(group, "create", "a new token; prints its secret", people.create_token)
    create.add_argument("name", help="also the authid to log in with")
    create.add_argument("--email", required=True, help="whose token: it may do what they may")
    create.add_argument(
        "--public-key", default="", metavar="HEX", help="Ed25519, to log in by cryptosign; no secret then"
    )
    create.add_argument(
        "--scope",
        action="append",
        choices=("read", "speak", "manage"),
        help="what it is for; may be given more than once (default: all of what they may)",
    )
    create.add_argument("--days", type=int, default=0, help="it ends after so many (default: 0, never)")
    listed = _with_house(group, "list", "all tokens, without secrets", people.list_tokens)
    revoke = _with_house(group, "revoke", "a token; its sessions end", people.revoke_token)
    revoke.add_argument("name")
    for parser in (create, listed, revoke):
        parser.add_argument("--organisation", required=True, metavar="SLUG")


def _add_keys(group: Any) -> None:
    _with_house(group, "list", "which keys the file has, by their ids", keys.list_all)
    _with_house(group, "add", "a new key in the file, before it is used", keys.add)
    _with_house(group, "rotate", "wrap everything with a new key, while hotline runs", keys.rotate)
    _with_house(group, "forget", "take keys that are needed no more out of the file", keys.forget)


def _add_receipts(group: Any) -> None:
    listed = _with_house(group, "list", "all receipts of an organisation", keys.list_receipts)
    verify = _with_house(group, "verify", "whether any is missing or was altered", keys.verify_receipts)
    _add_noted(verify)
    for parser in (listed, verify):
        parser.add_argument("--organisation", required=True, metavar="SLUG")


def _add_audit(group: Any) -> None:
    listed = _with_house(group, "list", "the audit log of an organisation", keys.list_audit)
    verify = _with_house(group, "verify", "whether any entry is missing or was altered", keys.verify_audit)
    _add_noted(verify)
    for parser in (listed, verify):
        parser.add_argument("--organisation", required=True, metavar="SLUG")


def _add_noted(parser: Any) -> None:
    parser.add_argument(
        "--noted",
        type=_noted,
        metavar="NUMBER:MARK",
        help="also whether this one is there, as it stands in a log of before",
    )


def _noted(text: str) -> tuple[int, str]:
    number, colon, mark = text.partition(":")
    if not number.isdecimal() or not colon or not mark:
        raise argparse.ArgumentTypeError("must be as in the log, number:mark")
    return int(number), mark


def _add_maintenance(commands: Any) -> None:
    _with_settings(commands, "migrate", "bring the database to this version's schema", checkup.migrate)
    _with_settings(commands, "doctor", "check everything, say what mends it", checkup.examine)
    backup = _with_settings(
        commands, "backup", "the database into a file, its keys into another", copies.backup
    )
    backup.add_argument("file", metavar="FILE", nargs="?", help="for everything but the keys")
    backup.add_argument("--keys", metavar="KEYFILE", help="for the keys, without which FILE cannot be read")
    backup.add_argument(
        "--verify",
        action="store_true",
        help="make none: prove that FILE is one, in a database made for it alone",
    )
    restore = _with_settings(commands, "restore", "the whole database from a file", copies.restore)
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--keys", metavar="KEYFILE", help="what hotline backup --keys made")
    restore.add_argument("--yes", action="store_true", help="do not ask before replacing what is there")


def _add_scripted(commands: Any) -> None:
    call = _scripted(commands, "call", "call a procedure", scripted.call)
    call.add_argument("procedure")
    call.add_argument(
        "arguments",
        nargs="*",
        default=[],
        metavar="name=value",
        help="a value that is JSON counts as JSON, any other as text",
    )
    watch = _scripted(commands, "watch", "show a topic's events as they come", scripted.watch)
    watch.add_argument("topic")
    watch.add_argument("--count", type=_positive, metavar="N", help="end after N events")
    say = _scripted(commands, "say", "say something in a room", scripted.say)
    say.add_argument("room")
    say.add_argument("text")
    say.add_argument("--nonce", help="the same again is said once only (default: a new one)")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _leaf(group: Any, name: str, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = group.add_parser(name, help=help, description=help, allow_abbrev=False)
    # Before or behind the command: what is not given behind it takes nothing back.
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    return parser


def _with_settings(
    group: Any, name: str, help: str, command: Callable[[Any, Any, _Arguments, Output], Awaitable[int | None]]
) -> argparse.ArgumentParser:
    async def run_command(reactor: Any, arguments: _Arguments, output: Output) -> int | None:
        given = {option: getattr(arguments, option) for option in _SETTINGS}
        return await command(reactor, load_settings(given, os.environ), arguments, output)

    parser = _leaf(group, name, help)
    parser.set_defaults(run=run_command)
    settings = parser.add_argument_group(
        "settings", "as for the daemon; also HOTLINE_<NAME> in the environment"
    )
    settings.add_argument("--data", metavar="DIR")
    settings.add_argument("--database", metavar="URL")
    settings.add_argument("--config", metavar="FILE")
    settings.add_argument("--public-url", metavar="URL", help="what links begin with")
    settings.add_argument("--mail", metavar="URL")
    settings.add_argument("--master-keys", metavar="FILE", help="without which no text can be read")
    settings.add_argument("--leaked-passwords", metavar="FILE", help="what nobody may choose")
    return parser


def _with_house(
    group: Any, name: str, help: str, command: Callable[[House, _Arguments, Output], Awaitable[None]]
) -> argparse.ArgumentParser:
    async def run_command(reactor: Any, settings: Any, arguments: _Arguments, output: Output) -> None:
        async with opened(reactor, settings) as house:
            await command(house, arguments, output)

    return _with_settings(group, name, help, run_command)


def _scripted(
    group: Any, name: str, help: str, command: Callable[[Any, _Arguments, Output], Awaitable[None]]
) -> argparse.ArgumentParser:
    parser = _leaf(group, name, help)
    parser.set_defaults(run=command)
    parser.add_argument(
        "--url", default="ws://127.0.0.1:8080/ws", help="ws://, wss://, rs://host:port or rs://unix:/path"
    )
    parser.add_argument("--realm", required=True, help="the organisation's slug")
    parser.add_argument("--authid", help="a token's name (without: anonymous)")
    parser.add_argument(
        "--ticket-file", metavar="FILE", help="holds the token's secret (- for standard input)"
    )
    return parser
