"""The built browser app: which files a page needs, and the files themselves.

The manifest and the files below static/ come in once, at the start, packed where the build has packed them;
addresses and answers go out. Never touches the disk for a request, so no address can reach any other file.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.errors import NotFound, StartError
from hotline.web.answers import Answer
from hotline.web.headers import CROSS_ORIGIN, FIVE_MINUTES, FOR_EVER, NO_CACHE, ONLY_US, Headers
from hotline.web.languages import Language

STATIC = Path(__file__).parent / "static"

PAGES = "src/pages/pages.ts"
CONSOLE = "src/console/main.tsx"
ANTEROOM = "src/anteroom/main.tsx"
AWAY = "src/away/main.ts"
GROUP = "src/group/main.tsx"
LISTED = "src/group/listed.ts"
"""The times and the quick way out of the page that lists groups, and how it looks."""
LOOK = "src/look/first.ts"
"""Runs before a page of consultants is painted: whether it is light or dark on this device."""

_ENTRIES = (PAGES, CONSOLE, ANTEROOM, AWAY, GROUP, LISTED, LOOK)
_LOADER = "embed.js"
_CALLS = "push.js"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_SHRINKS = (".css", ".js", ".json", ".map", ".svg", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a page links to: addresses of its scripts and style sheets."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    kind: str
    body: bytes
    packed: bytes | None
    tag: str


class Assets:
    """The browser app as built by `make web`."""

    def __init__(self, directory: Path = STATIC) -> None:
        """:raises StartError: the app was not built."""
        self._files = {
            path.relative_to(directory).as_posix(): _read(path)
            for path in sorted(directory.rglob("*"))
            if path.is_file() and path.suffix in _KINDS
        }
        try:
            manifest = json.loads((directory / "manifest.json").read_text("utf-8"))
            self._entries = {name: _entry(manifest, name) for name in _ENTRIES}
            languages = json.loads((directory / "languages.json").read_text("utf-8"))
            self.languages = tuple(_language(language) for language in languages)
        except (OSError, ValueError, KeyError):
            raise StartError(f"the browser app is not built in {directory}: run `make web`") from None

    def entry(self, name: str) -> Entry:
        """What the page of this name needs."""
        return self._entries[name]

    def answer(self, path: str, *, accepts_gzip: bool = False, known: str = "") -> Answer:
        """The file below /static/. :raises NotFound: there is none."""
        headers = FOR_EVER if path.startswith("assets/") else NO_CACHE
        return self._send(path, headers, accepts_gzip, known)

    def loader(self, *, accepts_gzip: bool = False, known: str = "") -> Answer:
        """The script that other sites include. :raises NotFound: the app was built without it."""
        return self._send(_LOADER, FIVE_MINUTES + CROSS_ORIGIN, accepts_gzip, known)

    def calls(self, *, accepts_gzip: bool = False, known: str = "") -> Answer:
        """The service worker by which consultants are called. :raises NotFound: as above."""
        return self._send(_CALLS, NO_CACHE + ONLY_US, accepts_gzip, known)

    def _send(self, path: str, headers: Headers, accepts_gzip: bool, known: str) -> Answer:
        file = self._files.get(path)
        if file is None:
            raise NotFound()
        # Weak, since the packed form is the same file in other bytes.
        headers += (("ETag", f"W/{file.tag}"), ("Vary", "Accept-Encoding"))
        if file.tag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Answer(status=304, headers=headers)
        if accepts_gzip and file.packed is not None:
            return Answer(
                content_type=file.kind, body=file.packed, headers=(*headers, ("Content-Encoding", "gzip"))
            )
        return Answer(content_type=file.kind, body=file.body, headers=headers)


def _read(path: Path) -> _File:
    body = path.read_bytes()
    built = path.with_name(path.name + ".gz")
    packed: bytes | None = None
    if built.is_file():
        packed = built.read_bytes()
    elif path.suffix in _SHRINKS:
        packed = gzip.compress(body, mtime=0)
    return _File(
        kind=_KINDS[path.suffix],
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        tag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def _entry(manifest: Mapping[str, Mapping[str, object]], name: str) -> Entry:
    """The entry's own script, and the style sheets of it and of everything it imports."""
    styles: dict[str, None] = {}
    waiting, seen = [name], set()
    while waiting:
        chunk = waiting.pop(0)
        if chunk in seen:
            continue
        seen.add(chunk)
        styles.update(dict.fromkeys(_texts(manifest[chunk].get("css"))))
        waiting.extend(_texts(manifest[chunk].get("imports")))
    return Entry(
        scripts=(f"/static/{manifest[name]['file']}",),
        styles=tuple(f"/static/{style}" for style in styles),
    )


def _language(built: Mapping[str, Any]) -> Language:
    texts = {app: f"/static/{file}" for app, file in built["texts"].items()}
    tag, name, direction, words = (built[key] for key in ("tag", "name", "direction", "words"))
    return Language(tag=tag, name=name, direction=direction, texts=texts, words=words)


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
