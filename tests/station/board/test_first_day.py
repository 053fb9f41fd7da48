"""A new station: the first administrator, TLS, and an alarm that nobody acknowledges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pain.wire import EscalationPayload
from tests.brokers import MosquittoBroker, Recorder, free_port, make_certificates
from tests.station.board.conftest import PASSWORD, PATIENCE_MS
from tests.station.board.stage import SITE, LiveStation, RoomBox

PAGES = f"painwatch/{SITE}/station/ward-2/escalation"


@pytest.fixture(scope="module")
def new_station(
    ward_broker: MosquittoBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveStation]:
    folder: Path = tmp_path_factory.mktemp("new")
    made = make_certificates(folder / "tls")
    recipients = [
        {"id": "pager", "mqtt": {}},
        {"id": "on-call", "webhook": {"url": f"http://127.0.0.1:{free_port()}/"}},
    ]
    with LiveStation(
        folder,
        ward_broker.port,
        web={"cert_file": str(made.certificate), "key_file": str(made.key)},
        board={"language": "nl"},
        escalation={
            "recipients": recipients,
            "steps": [{"after_s": 1, "to": ["pager", "on-call"]}],
            "room_silent": False,
        },
    ) as started:
        yield started


@pytest.fixture
def page(new_station: LiveStation, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=new_station.url, ignore_https_errors=True)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    page.click("button[type=submit]")


def log_in(page: Page, user: str = "anna", password: str = PASSWORD) -> None:
    page.goto("/login")
    fill(page, user=user, password=password)


def test_the_first_administrator_comes_by_the_code_in_the_log(page, new_station):
    page.goto("/")
    expect(page).to_have_url(f"{new_station.url}/first-run")
    person = {"user": "anna", "name": "Anna B.", "password": PASSWORD}
    fill(page, code="AAAA-BBBB-CCCC", **person)
    expect(page.get_by_role("alert")).to_be_visible()
    fill(page, code=new_station.code, **person)
    expect(page).to_have_url(f"{new_station.url}/login")
    log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Alle kamers")
    expect(page.locator("header")).to_contain_text("Anna B.")


def test_a_wrong_password_stays_outside_and_logging_out_goes_there(page, new_station):
    log_in(page, password="a wrong sentence")  # noqa: S106  of nobody
    expect(page.get_by_role("alert")).to_have_text("Gebruikersnaam of wachtwoord klopt niet.")
    log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Alle kamers")
    [cookie] = [c for c in page.context.cookies() if c["name"] == "painwatch_session"]
    assert cookie["secure"]
    assert cookie["httpOnly"]
    page.locator("form[action='/logout'] button").click()
    expect(page).to_have_url(f"{new_station.url}/login")
    page.goto("/room/room-1")
    expect(page).to_have_url(f"{new_station.url}/login")


def test_who_was_told_and_who_could_not_be_is_on_the_board(page, ward_broker, new_station):
    log_in(page)
    with Recorder(ward_broker.port, client_id="escalated") as recorder:
        room = RoomBox(recorder, "room-900", "Room 900").online().level(5.6)
        room.alarm()
        recorder.wait_for(lambda messages: any(m.topic == PAGES for m in messages))
        [told] = {EscalationPayload.model_validate_json(m.payload).room for m in recorder.on(PAGES)}
        assert told == room.room
    tile = page.locator(f".tile[data-room={room.room}]")
    expect(tile.locator(".told")).to_contain_text("Ook ingelicht: pager")
    expect(tile.locator(".told")).not_to_contain_text("on-call")
    expect(page.locator(".trouble")).to_contain_text("Niet iedereen")
