"""The organisation's own site: another origin, and another site altogether, that embeds the anteroom.

In come snippets to put into its one page, out comes an address. It sends no headers but the type.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Our helpline</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>Our helpline</h1><p>We are here for you.</p>
{snippet}
</main></body></html>
"""


class Site:
    """A page whose content a test chooses."""

    def __init__(self, port: int) -> None:
        # The daemon is at 127.0.0.1: for a browser that is another site than localhost.
        self.origin = f"http://localhost:{port}"
        self.url = f"{self.origin}/"
        self.snippet = ""


@contextmanager
def serving() -> Iterator[Site]:
    """A site on a port of its own, for as long as the block lasts."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = _PAGE.format(snippet=site.snippet).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: the browser's console is what the tests look at."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
