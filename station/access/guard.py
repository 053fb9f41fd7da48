"""Stands before every page and every web socket of the board."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pain.errors import StorageError
from station.access.access import Access

COOKIE: Final = "painwatch_session"

DOORS: Final = ("/login", "/first-run")
ASSETS: Final = ("/board/", "/_nicegui/", "/favicon.ico")
"""Style sheets and scripts; nothing of any room is in them."""

MOST_BYTES: Final = 16 * 1024
"""Of a form of the doors; anybody may send one, and a file in it would be put on our disk."""

_HEADERS: Final = {
    # Everything comes from this server; NiceGUI needs scripts and styles within its pages.
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        b"connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    b"x-content-type-options": b"nosniff",
    # Not no-referrer: forms would then name their origin as null.
    b"referrer-policy": b"same-origin",
}

_POLICY_VIOLATION: Final = 1008


class AccessGuard:
    """ASGI middleware for HTTP and web sockets.

    Whoever passes is in ``scope["state"]`` as ``person``, with the token as ``session``.

    Args:
        app: what stands behind.
        access: knows the sessions.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer in its place."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = await self._judge(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await refusal(scope, receive, _with_headers(send))

    async def _judge(self, scope: Scope) -> Response | None:
        """Why this may not pass; None when it may."""
        connection = HTTPConnection(scope)
        path = scope["path"]
        if (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")) and (
            not is_same_origin(connection)
        ):
            return PlainTextResponse("this came from another web site", status_code=403)
        if path.startswith(DOORS + ASSETS):
            return _too_large(connection) if scope.get("method") == "POST" else None
        token = connection.cookies.get(COOKIE)
        try:
            person = await asyncio.to_thread(self._access.who, token) if token else None
        except StorageError:
            return PlainTextResponse("the database cannot be used", status_code=503)
        if person is None:
            return RedirectResponse("/login", status_code=303)
        state = scope.setdefault("state", {})
        state["person"] = person
        state["session"] = token
        return None


def _too_large(connection: HTTPConnection) -> Response | None:
    """A refusal of what is larger than a form, or does not say how large it is."""
    length = connection.headers.get("content-length", "")
    if length.isdecimal() and int(length) <= MOST_BYTES:
        return None
    return PlainTextResponse("this is larger than a form", status_code=413)


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a page of this board sent it; browsers always name the origin here."""
    origin = connection.headers.get("origin")
    if origin is None:
        # No browser leaves it out; a script without a browser has no cookie to be abused.
        return connection.headers.get("sec-fetch-site") in (None, "same-origin", "none")
    return urlsplit(origin).netloc == connection.headers.get("host")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(_HEADERS)
            message["headers"] = [*message.get("headers", ()), *headers.items()]
        await send(message)

    return sending
