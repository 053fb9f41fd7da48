"""A browser at the real board."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, StorageState, expect, sync_playwright

import station.access.tables  # noqa: F401  the people's tables are made with the others
from station.access.people import People
from station.access.values import Person, Role
from station.store.engine import open_engine, sqlite_url
from tests.brokers import MosquittoBroker, Recorder
from tests.station.board.stage import LiveStation, RoomBox

PASSWORD = "a sentence is easy to remember"  # noqa: S105  of nobody but these
PEOPLE = {
    role: Person(id=f"{role.value}-7", name=f"{role.value} Seven", role=role) for role in Role
}

PATIENCE_MS = 15_000
"""A busy machine draws late; nothing but a failure waits that long."""

expect.set_options(timeout=PATIENCE_MS)


def let_in(folder: Path) -> None:
    """Write one person of every role into the database of a station that has not started yet."""
    state = folder / "state"
    state.mkdir(parents=True)
    engine = open_engine(sqlite_url(state))
    for person in PEOPLE.values():
        People(engine).add(person, PASSWORD, by="test", at=datetime.now(UTC))
    engine.dispose()


@pytest.fixture(scope="module")
def ward_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture(scope="module")
def ward(
    ward_broker: MosquittoBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveStation]:
    """One station for all tests of a module; each test has rooms of its own."""
    folder = tmp_path_factory.mktemp("ward")
    let_in(folder)
    with LiveStation(folder, ward_broker.port) as started:
        yield started


@pytest.fixture(scope="module")
def recorder(ward_broker: MosquittoBroker) -> Iterator[Recorder]:
    with Recorder(ward_broker.port, client_id="boxes") as started:
        yield started


_numbers = itertools.count(1)

NewRoom = Callable[..., RoomBox]


@pytest.fixture
def new_room(ward: LiveStation, recorder: Recorder) -> NewRoom:
    """Makes a room that no other test knows; it is online."""

    def make(name: str | None = None) -> RoomBox:
        number = next(_numbers)
        return RoomBox(recorder, f"room-{number}", name or f"Room {number}").online()

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: nothing is fetched from anywhere."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "install the package chromium (see tests/system-packages.txt)"
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that a root user in a container does not have.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


LoggedIn = Callable[[Role], StorageState]


@pytest.fixture(scope="module")
def logged_in(ward: LiveStation, browser: Browser) -> LoggedIn:
    """Logs a role in at the page where people do, when it first comes; returns its cookies."""

    @cache
    def log_in(role: Role) -> StorageState:
        with browser.new_context(base_url=ward.url) as context:
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto("/login")
            page.fill("#user", PEOPLE[role].id)
            page.fill("#password", PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_selector("#beat", state="attached")
            return context.storage_state()

    return log_in


Visit = Callable[..., Page]


@pytest.fixture
def visit(ward: LiveStation, browser: Browser, logged_in: LoggedIn) -> Iterator[Visit]:
    """Opens a page of the board for somebody who is logged in, each in a browser of their own."""
    contexts = []
    foreign: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith((ward.url, "data:", "blob:")):
            foreign.append(request.url)

    def open_page(path: str = "/", role: Role = Role.NURSE, language: str = "en") -> Page:
        context = browser.new_context(
            base_url=ward.url,
            viewport={"width": 1280, "height": 800},
            storage_state=logged_in(role),
        )
        contexts.append(context)
        context.on("request", watch)
        context.add_cookies([{"name": "painwatch_language", "value": language, "url": ward.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(path)
        page.wait_for_selector("#beat", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not foreign, "a home's board works without the internet"


def tile_of(page: Page, room: RoomBox) -> str:
    """Selector of a room's tile."""
    return f".tile[data-room={room.room}]"
