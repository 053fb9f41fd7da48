"""Pages for logging in and out, and for the first start; they need no script."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from pain.errors import StorageError, UsageError
from station.access.access import Access
from station.access.guard import COOKIE
from station.access.sentences import SENTENCES, Sentences
from station.access.values import LoginRefused, Person, Refusal, Role
from station.words import Language, Text, words_of

WALL_S: Final = 400 * 86400
"""Browsers keep no cookie longer; the server ends a viewer's session when nobody looks any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    label: str
    type: str = "text"
    autocomplete: str = "off"


class Door:
    """The pages before the board.

    Args:
        access: lets people in.
        language: language of the pages until a person has chosen another.
        secure: whether the board is served by TLS, so that the cookie travels by nothing else.
        session_s: life of the cookie, seconds; a viewer's lasts for ``WALL_S``.
    """

    def __init__(
        self, access: Access, *, language: Language, secure: bool, session_s: float
    ) -> None:
        self._access = access
        self._language = language
        self._secure = secure
        self._session_s = session_s

    def routes(self) -> list[Route]:
        """The pages, for the web application."""
        return [
            Route("/login", self._show_login),
            Route("/login", self._log_in, methods=["POST"]),
            Route("/logout", self._log_out, methods=["POST"]),
            Route("/first-run", self._show_first_run),
            Route("/first-run", self._claim, methods=["POST"]),
        ]

    async def _show_login(self, request: Request) -> Response:
        try:
            if not await asyncio.to_thread(self._access.people.all):
                return RedirectResponse("/first-run", status_code=303)
        except StorageError:
            return self._login_page(request, self._say(request).storage, status=503)
        ended = "ended" in request.query_params
        return self._login_page(request, self._say(request).ended if ended else None)

    async def _log_in(self, request: Request) -> Response:
        form = await request.form()
        say = self._say(request)
        try:
            result = await asyncio.to_thread(
                self._access.log_in,
                _text(form, "user"),
                _text(form, "password"),
                address=_address(request),
            )
        except StorageError:
            return self._login_page(request, say.storage, status=503)
        if isinstance(result, LoginRefused):
            error = say.wrong if result.why is Refusal.WRONG else _too_many(say, result)
            return self._login_page(request, error, status=_status(result))
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            COOKIE,
            result.token,
            max_age=WALL_S if result.person.role is Role.VIEWER else int(self._session_s),
            httponly=True,
            samesite="strict",
            secure=self._secure,
        )
        return response

    async def _log_out(self, request: Request) -> Response:
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE)
        try:
            await asyncio.to_thread(self._access.log_out, request.cookies.get(COOKIE, ""))
        except StorageError:
            return self._login_page(request, self._say(request).storage, status=503)
        return response

    async def _show_first_run(self, request: Request) -> Response:
        try:
            if await asyncio.to_thread(self._access.people.all):
                return RedirectResponse("/login", status_code=303)
        except StorageError:
            return self._first_page(request, self._say(request).storage, status=503)
        return self._first_page(request)

    async def _claim(self, request: Request) -> Response:
        form = await request.form()
        say = self._say(request)
        person = Person(
            id=_text(form, "user").strip(), name=_text(form, "name").strip(), role=Role.ADMIN
        )
        try:
            result = await asyncio.to_thread(
                self._access.claim,
                _text(form, "code"),
                person,
                _text(form, "password"),
                address=_address(request),
            )
        except UsageError as error:
            return self._first_page(request, str(error), status=422)
        except StorageError:
            return self._first_page(request, say.storage, status=503)
        if isinstance(result, LoginRefused):
            refusal = say.wrong_code if result.why is Refusal.WRONG else _too_many(say, result)
            return self._first_page(request, refusal, status=_status(result))
        return RedirectResponse("/login", status_code=303)

    def _login_page(
        self, request: Request, error: str | None = None, *, status: int = 200
    ) -> Response:
        say = self._say(request)
        fields = [
            _Field(name="user", label=say.user, autocomplete="username"),
            _Field(
                name="password",
                label=say.password,
                type="password",
                autocomplete="current-password",
            ),
        ]
        return self._page(
            request, say.log_in, "/login", fields, say.log_in, error=error, status=status
        )

    def _first_page(
        self, request: Request, error: str | None = None, *, status: int = 200
    ) -> Response:
        say = self._say(request)
        fields = [
            _Field(name="code", label=say.code),
            _Field(name="user", label=say.new_user, autocomplete="username"),
            _Field(name="name", label=say.name, autocomplete="name"),
            _Field(
                name="password",
                label=say.new_password,
                type="password",
                autocomplete="new-password",
            ),
        ]
        return self._page(
            request,
            say.first_run,
            "/first-run",
            fields,
            say.make,
            error=error,
            status=status,
            hint=say.code_hint,
        )

    def _page(
        self,
        request: Request,
        title: str,
        action: str,
        fields: list[_Field],
        button: str,
        *,
        error: str | None,
        status: int,
        hint: str | None = None,
    ) -> Response:
        language = self._language_of(request)
        text = (
            _environment()
            .get_template("page.html")
            .render(
                language=language.value,
                title=title,
                action=action,
                fields=fields,
                button=button,
                error=error,
                hint=hint,
                disclaimer=words_of(language).say[Text.DISCLAIMER],
            )
        )
        return HTMLResponse(text, status_code=status, headers={"cache-control": "no-store"})

    def _language_of(self, request: Request) -> Language:
        chosen = request.cookies.get("painwatch_language")
        return Language(chosen) if chosen in list(Language) else self._language

    def _say(self, request: Request) -> Sentences:
        return SENTENCES[self._language_of(request)]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("station.access", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _too_many(say: Sentences, refused: LoginRefused) -> str:
    return say.too_many.format(seconds=ceil(refused.wait_s))


def _status(refused: LoginRefused) -> int:
    return 429 if refused.why is Refusal.TOO_MANY else 403
