"""The pages before the board, and the guard before everything."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from station.access.access import Access
from station.access.door import Door
from station.access.guard import COOKIE, AccessGuard
from station.access.sentences import SENTENCES
from station.access.throttle import FREE_TRIES
from station.words import Language
from tests.station.access.conftest import ADMIN, NURSE, SENTENCE


def client_of(access: Access, *, secure: bool = False) -> TestClient:
    async def board(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.state.person.id)

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.state.person.id)
        await websocket.close()

    door = Door(access, language=Language.EN, secure=secure, session_s=3600)
    app = Starlette(
        routes=[
            *door.routes(),
            Route("/", board),
            Route("/board/x.css", lambda _: PlainTextResponse("style")),
            WebSocketRoute("/socket", socket),
        ]
    )
    base = f"{'https' if secure else 'http'}://testserver"
    return TestClient(AccessGuard(app, access), base_url=base, follow_redirects=False)


@pytest.fixture
def client(staffed) -> TestClient:
    return client_of(staffed)


def log_in(client: TestClient, password: str = SENTENCE, **headers: str):
    return client.post("/login", data={"user": NURSE.id, "password": password}, headers=headers)


def test_without_a_session_there_is_nothing_but_the_door(client):
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert client.get("/board/x.css").text == "style"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket"):
        pass


def test_with_one_the_board_knows_who_looks(client):
    assert log_in(client).headers["location"] == "/"
    assert client.get("/").text == NURSE.id
    with client.websocket_connect("/socket") as socket:
        assert socket.receive_text() == NURSE.id


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_for_this_server_alone(staffed, secure):
    cookie = log_in(client_of(staffed, secure=secure)).headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert ("secure" in cookie) is secure


def test_a_wrong_password_is_refused_and_shown_as_text(client):
    answer = client.post("/login", data={"user": "<script>", "password": "no"})
    assert answer.status_code == 403
    assert SENTENCES[Language.EN].wrong in answer.text
    assert "<script" not in answer.text


def test_too_many_tries_say_how_long_to_wait(client):
    for _ in range(FREE_TRIES):
        log_in(client, "wrong, all wrong")
    answer = log_in(client)
    assert answer.status_code == 429
    assert re.search(r"Wait \d+ s", answer.text)


@pytest.mark.parametrize("path", ["/login", "/first-run"])
def test_nobody_without_a_session_can_send_more_than_a_form(client, path):
    fields = {"user": NURSE.id, "password": "x" * 20_000}
    assert client.post(path, data=fields).status_code == 413
    assert client.post(path, files={"user": b"x" * 20_000}).status_code == 413

    def in_pieces():
        yield b"user=x"

    assert client.post(path, content=in_pieces()).status_code == 413


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_another_site_cannot_act_in_a_persons_name(client, headers):
    log_in(client)
    assert client.post("/logout", headers=headers).status_code == 403
    assert client.get("/").text == NURSE.id, "still logged in"
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/socket", headers=headers),
    ):
        pass


def test_logging_out_ends_the_session_at_the_server(client):
    log_in(client)
    token = client.cookies[COOKIE]
    assert client.post("/logout", headers={"origin": "http://testserver"}).status_code == 303
    client.cookies.set(COOKIE, token)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("language", list(Language))
def test_who_is_sent_to_the_door_is_told_that_nobody_is_watched(client, language):
    client.cookies.set("painwatch_language", language.value)
    said = SENTENCES[language].ended
    assert escape(said) in client.get("/login?ended").text
    assert escape(said) not in client.get("/login").text


def test_the_first_start_makes_the_administrator(access):
    client = client_of(access)
    assert client.get("/login").headers["location"] == "/first-run"
    form = {
        "code": access.first_run_code(),
        "user": ADMIN.id,
        "name": ADMIN.name,
        "password": "short",
    }
    assert client.post("/first-run", data=form).status_code == 422
    assert client.post("/first-run", data=form | {"code": "x"}).status_code in (403, 422)
    answer = client.post("/first-run", data=form | {"password": SENTENCE})
    assert answer.headers["location"] == "/login"
    assert access.people.all() == [ADMIN]
    assert client.get("/first-run").headers["location"] == "/login"


@pytest.mark.parametrize("language", list(Language))
def test_the_door_speaks_every_language(client, language):
    client.cookies.set("painwatch_language", language.value)
    page = client.get("/login").text
    assert f'lang="{language.value}"' in page
    assert SENTENCES[language].log_in in page


def test_a_database_that_fails_is_told_of(staffed, engine, monkeypatch):
    from pain.errors import StorageError

    client = client_of(staffed)
    log_in(client)

    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(staffed, "who", fail)
    assert client.get("/").status_code == 503


def test_every_answer_forbids_foreign_frames_and_scripts(client):
    headers = client.get("/login").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
