"""A server on loopback that takes transactions as FHIR R4 says: conditional creates and updates."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class FhirServer:
    """Keeps what it is given.

    Attributes:
        kept: resources by their search.
        headers: of each request.
        refuse: answer with this status from now on.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.headers: list[dict[str, str]] = []
        self.refuse: tuple[int, bytes] | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.headers.append({name.lower(): self.headers[name] for name in self.headers})
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, answer = server.refuse or (200, b"{}")
                if server.refuse is None:
                    server.take(body)
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self._server.server_address[1]}/r4"

    def take(self, bundle: dict[str, Any]) -> None:
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
        for entry in bundle["entry"]:
            asked = entry["request"]
            if asked["method"] == "POST":
                search = f"{asked['url']}?{asked['ifNoneExist']}"
                self.kept.setdefault(search, entry["resource"])
            else:
                assert asked["method"] == "PUT"
                self.kept[asked["url"]] = entry["resource"]
