"""What a nurse sees and does, in a real browser at the real station with a real broker."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Signal, Trigger
from pain.values import Reason
from pain.wire import (
    AcknowledgeCommand,
    EnrolResidentCommand,
    IdentityState,
    IdentityStatus,
    PauseCommand,
)
from station.access.values import Role
from tests.station.board.conftest import PEOPLE, tile_of
from tests.station.board.stage import RoomBox


def wait_until_live(page: Page) -> None:
    """Wait for the web socket: until it stands, what is published is drawn with the page."""
    before = page.get_attribute("#beat", "data-beat")
    page.wait_for_function(
        "before => document.getElementById('beat').dataset.beat !== before", arg=before
    )


def test_a_tile_says_level_in_number_word_and_shape_and_why(new_room, visit):
    room = new_room().level(5.4, units={ActionUnit.AU4: 4.0, ActionUnit.AU7: 3.0})
    page = visit()
    tile = page.locator(tile_of(page, room))
    expect(tile).to_contain_text("Severe pain")
    expect(tile).to_contain_text("5.4")
    expect(tile).to_contain_text("Seen: brow lowered, eyes tight")
    expect(tile).to_contain_text("Certainty 82")
    expect(tile.locator("svg.shape path")).to_have_count(1)


def test_a_room_without_a_face_is_not_watched_and_never_0(new_room, visit):
    room = new_room().level(None, reason=Reason.NO_FACE, coverage=0.0)
    tile = (page := visit()).locator(tile_of(page, room))
    expect(tile).to_contain_text("Not watched")
    expect(tile).to_contain_text("No face in the picture.")
    expect(tile.locator(".number")).to_have_count(0)


def test_an_alarm_is_seen_within_a_second_and_calls_first(new_room, visit):
    calm, room = new_room().level(0.2), new_room().level(5.4)
    page = visit()
    wait_until_live(page)
    # Time-stamps are taken within the browser: the test's own waiting is no part of it.
    page.evaluate(
        """selector => {
            window.seenAt = null;
            const look = () => {
                if (document.querySelector(selector + ".sounding .alarms li.high"))
                    window.seenAt = Date.now();
                else requestAnimationFrame(look);
            };
            look();
        }""",
        tile_of(page, room),
    )
    published_ms = time.time() * 1000
    room.alarm()
    page.wait_for_function("window.seenAt !== null")
    seen_after_s = (page.evaluate("window.seenAt") - published_ms) / 1000
    # The issue's own limit, and no assertion on how fast this computer is: the page is looked at
    # every quarter of a second.
    assert seen_after_s <= 1.0
    order = page.locator(".tile").evaluate_all("tiles => tiles.map(t => t.dataset.room)")
    assert order.index(room.room) < order.index(calm.room)
    page.wait_for_function("document.body.dataset.sounding === 'high'")
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_acknowledging_is_shown_when_the_room_has_confirmed(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit()
    tile = page.locator(tile_of(page, room))
    tile.get_by_role("button", name=f"Acknowledge: {room.name}").click()
    command = room.take_command("acknowledge")
    assert isinstance(command, AcknowledgeCommand)
    assert command.person == PEOPLE[Role.NURSE].id
    expect(tile.get_by_role("status")).to_have_text("The room has confirmed.")
    room.alarm(
        state=AlarmState.ACKNOWLEDGED,
        signal=Signal.SILENT,
        trigger=Trigger.ACKNOWLEDGED,
        acknowledged_by=command.person,
    )
    expect(tile).to_contain_text("acknowledged by nurse-7")
    expect(tile).not_to_have_class("sounding")


def test_a_room_that_does_not_answer_leaves_nothing_to_believe(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit()
    tile = page.locator(tile_of(page, room))
    tile.get_by_role("button", name="Acknowledge").click()
    expect(tile.get_by_role("status")).to_have_text("Waiting for the room …")
    expect(tile.get_by_role("status")).to_contain_text("did not answer")
    expect(tile).to_have_class("tile sounding")
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_a_refusal_is_shown_in_the_rooms_own_words(new_room, visit):
    room = new_room().level(1.0)
    page = visit(f"/room/{room.room}")
    page.get_by_role("button", name="Pause signals for 60 min").click()
    room.take_command("pause", accept=False, reason="a pause may last 30 min")
    expect(page.locator(".orders .said")).to_have_text("The room refused: a pause may last 30 min")


def test_a_pause_is_shown_with_its_end_until_it_is_over(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit(f"/room/{room.room}")
    page.get_by_role("button", name="Pause signals for 5 min").click()
    command = room.take_command("pause")
    assert isinstance(command, PauseCommand)
    assert timedelta(minutes=4) < command.until - datetime.now(UTC) <= timedelta(minutes=5)
    expect(page.locator(".orders .said")).to_have_text("The room has confirmed.")
    soon = datetime.now(UTC) + timedelta(seconds=4)
    room.alarm(signal=Signal.PAUSED, trigger=Trigger.PAUSED, paused_until=soon)
    now = page.locator(".now")
    expect(now).to_contain_text("Signals paused until")
    expect(now).to_contain_text("signal paused")
    expect(page.get_by_role("button", name="End the pause")).to_be_visible()
    # It runs out by itself, on the screen as well, before the room says another word.
    expect(now).not_to_contain_text("Signals paused until")
    expect(page.get_by_role("button", name="End the pause")).to_be_hidden()
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_a_room_that_falls_silent_is_told_of_by_the_station_itself(new_room, visit):
    room = new_room().level(0.3, life_s=6.0)
    page = visit()
    tile = page.locator(tile_of(page, room))
    expect(tile).to_contain_text("Calm")
    expect(tile).to_contain_text("Silent for", timeout=20_000)
    expect(tile).to_contain_text("Not watched")
    expect(tile.locator(".number")).to_have_count(0)
    assert int(page.get_attribute("#beat", "data-low") or 0) > 0, "it sounds, too"


def test_the_board_says_so_when_it_has_lost_the_station(new_room, visit):
    new_room().level(0.3)
    page = visit()
    wait_until_live(page)
    page.context.set_offline(True)
    page.evaluate("window.socket.disconnect()")
    expect(page.locator("body")).to_have_class(re.compile("stale"), timeout=20_000)
    expect(page.locator(".stale-veil")).to_be_visible()
    expect(page.locator(".stale-veil")).to_contain_text("look after the residents")


def test_the_board_says_that_it_is_silent_until_somebody_switches_sound_on(new_room, visit):
    room = new_room().level(5.4)
    page = visit()
    button, hint = page.locator("#sound"), page.locator("#sound-hint")
    expect(hint).to_have_text("Silent: the browser sounds only after you switch it on.")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(hint).to_be_hidden()
    room.alarm()
    page.wait_for_function("document.body.dataset.lastBurst === 'high'")
    room.alarm(state=AlarmState.ACKNOWLEDGED, signal=Signal.SILENT, trigger=None)
    page.wait_for_function("document.body.dataset.sounding === 'none'")
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_sound_that_was_on_goes_on_by_itself_where_the_browser_lets_it(new_room, visit):
    new_room().level(0.4)
    page = visit()
    page.locator("#sound").click()
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    with page.expect_navigation():
        page.locator("#night").click()
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#sound-hint")).to_be_hidden()


@pytest.mark.parametrize("by", ["any key", "the button"])
def test_where_it_does_not_one_press_is_enough(new_room, visit, by):
    new_room().level(0.4)
    first = visit()
    first.evaluate("localStorage.setItem('painwatch-sound', 'on')")
    page = first.context.new_page()
    page.set_viewport_size({"width": 500, "height": 700})
    page.goto("/")
    wait_until_live(page)
    button = page.locator("#sound")
    expect(button).to_have_attribute("aria-pressed", "false")
    if by == "any key":
        page.keyboard.press("Tab")
    else:
        button.click(delay=300)  # as long as a finger takes
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("localStorage.getItem('painwatch-sound')") == "on"


def test_what_went_wrong_beneath_an_alarm_is_heard_when_the_alarm_is_over(visit):
    page = visit()
    wait_until_live(page)
    page.evaluate("window.socket.disconnect()")  # from here on the test is the station

    def beat(number: int, priority: str, low: int) -> None:
        said = {"beat": f"t{number}", "priority": priority, "low": str(low)}
        page.evaluate("said => Object.assign(document.getElementById('beat').dataset, said)", said)
        page.wait_for_function("kind => document.body.dataset.sounding === kind", arg=priority)

    beat(1, "none", 0)
    beat(2, "high", 0)
    beat(3, "high", 1)
    page.wait_for_timeout(600)  # a look of the page's own, once in 500 ms
    page.evaluate("document.body.dataset.lastBurst = ''")
    beat(4, "none", 1)
    page.wait_for_function("document.body.dataset.lastBurst === 'low'", timeout=3000)


def test_a_viewer_looks_and_does_not_act(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit(role=Role.VIEWER)
    tile = page.locator(tile_of(page, room))
    expect(tile).to_contain_text("Severe pain")
    expect(tile.get_by_role("button")).to_have_count(0)
    page.goto(f"/room/{room.room}")
    expect(page.locator(".now")).to_contain_text("Severe pain")
    for absent in (".orders", ".painad", "textarea", ".verdicts"):
        expect(page.locator(absent)).to_have_count(0)
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


@pytest.mark.parametrize(("role", "times"), [(Role.NURSE, 0), (Role.ADMIN, 1)])
def test_an_administrator_alone_measures_the_neutral_face(new_room, visit, role, times):
    room = new_room().level(0.3)
    page = visit(f"/room/{room.room}", role=role)
    expect(page.locator(".orders")).to_be_visible()
    expect(page.get_by_role("button", name="Measure the neutral face now")).to_have_count(times)


def test_a_face_is_enrolled_with_consent_alone(new_room, visit):
    room = new_room().level(0.3)
    room.status(identity=IdentityStatus(state=IdentityState.NONE))
    page = visit(f"/room/{room.room}", role=Role.ADMIN)
    panel = page.locator(".resident")
    expect(panel).to_contain_text("Everybody's face is scored.")
    panel.get_by_role("button", name="Enrol the face that is seen now").click()
    expect(panel.locator(".said")).to_have_text("Who consented, when and how")
    panel.get_by_label("Who consented, when and how").fill("signed by her daughter, 2 November")
    panel.get_by_role("button", name="Enrol the face that is seen now").click()
    command = room.take_command("enrol_resident")
    assert isinstance(command, EnrolResidentCommand)
    assert command.consent == "signed by her daughter, 2 November"
    assert command.person == PEOPLE[Role.ADMIN].id
    expect(panel.locator(".said")).to_have_text("The room has confirmed.")
    now = datetime.now(UTC)
    room.status(
        identity=IdentityStatus(state=IdentityState.ENROLLED, enrolled_at=now, person="admin-7")
    )
    expect(panel).to_contain_text("Only the enrolled face is scored")
    panel.get_by_role("button", name="Delete the enrolled face").click()
    room.take_command("forget_resident")


def test_a_nurse_judges_an_alarm_and_the_ratio_counts_it(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit(f"/room/{room.room}")
    history = page.locator(".history")
    history.get_by_role("button", name="Not pain").click()
    expect(history).to_contain_text("Not pain (nurse-7)")
    page.goto("/")
    expect(page.locator("footer")).to_contain_text("1 dismissed")
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_notes_and_painad_are_kept_and_everybody_sees_them(new_room, visit):
    room = new_room().level(5.4)
    page = visit(f"/room/{room.room}")
    page.get_by_label("New note").fill("repositioned, <b>calmer</b> afterwards")
    page.locator(".save-note").click()
    expect(page.locator(".notes")).to_contain_text("repositioned, <b>calmer</b> afterwards")
    expect(page.get_by_label("New note")).to_have_value("")
    painad = page.locator(".painad")
    expect(painad).to_contain_text("The camera suggests 2 for the face")
    expect(painad.locator("input:checked")).to_have_count(1)
    expect(painad).to_contain_text("Total: open")
    page.locator(".save-painad").click()
    expect(painad.locator(".said")).to_contain_text("open, until every item is judged")
    for item in ("breathing", "vocalisation", "body_language", "consolability"):
        painad.locator(f"input[name={item}][value='1']").check()
    expect(painad).to_contain_text("Total: 6 of 10")
    page.locator(".save-painad").click()
    expect(page.locator(".notes")).to_contain_text("PAINAD 6/10 (Breathing 1, Voice 1, Face 2")
    other = visit(f"/room/{room.room}", role=Role.VIEWER)
    expect(other.locator(".notes")).to_contain_text("PAINAD 6/10")


def test_the_keyboard_is_enough(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit()
    tile = page.locator(tile_of(page, room))
    expect(tile).to_have_class("tile sounding")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.tile') !== null"):
            break
    first = page.evaluate("document.activeElement.closest('.tile').dataset.room")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('.tile').dataset.room") != first
    page.keyboard.press("ArrowLeft")
    while page.evaluate("document.activeElement.closest('.tile').dataset.room") != room.room:
        page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    room.take_command("acknowledge")
    expect(tile.get_by_role("status")).to_have_text("The room has confirmed.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(room.name)
    page.wait_for_selector("a.back")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("All rooms")
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_the_letter_counts_as_well_when_caps_lock_is_on(new_room, visit):
    room = new_room().level(5.4)
    room.alarm()
    page = visit()
    tile = page.locator(tile_of(page, room))
    expect(tile).to_have_class("tile sounding")
    tile.locator("h2 a").focus()
    page.keyboard.press("A")
    room.take_command("acknowledge")
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)


def test_escape_takes_nobody_away_from_what_she_writes(new_room, visit):
    room = new_room().level(2.0)
    page = visit(f"/room/{room.room}")
    wait_until_live(page)
    note = page.get_by_label("New note")
    note.fill("half a sentence")
    page.keyboard.press("Escape")
    page.locator("#language").focus()
    page.keyboard.press("Escape")
    wait_until_live(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(room.name)
    expect(note).to_have_value("half a sentence")


def test_a_double_press_keeps_a_note_once(new_room, visit):
    room = new_room().level(2.0)
    page = visit(f"/room/{room.room}")
    page.get_by_label("New note").fill("turned to the left side")
    page.locator(".save-note").dblclick()
    expect(page.get_by_label("New note")).to_have_value("")
    for item in ("breathing", "vocalisation", "body_language", "consolability"):
        page.locator(f".painad input[name={item}][value='0']").check()
    expect(page.locator(".painad")).to_contain_text("of 10")
    page.locator(".save-painad").dblclick()
    expect(page.locator(".painad .said")).to_have_text("Saved.")
    other = visit(f"/room/{room.room}", role=Role.VIEWER)
    expect(other.locator(".notes .note")).to_have_count(2)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("Alle Zimmer", "Starker Schmerz", "Kein Gesicht im Bild.")),
        ("fr", ("Toutes les chambres", "Douleur forte", "Aucun visage à l'image.")),
    ],
)
def test_a_person_chooses_the_language(new_room, visit, language, said):
    heading, band, face = said
    severe = new_room().level(5.4)
    nobody = new_room().level(None, reason=Reason.NO_FACE)
    page = visit()
    page.select_option("#language", language)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(tile_of(page, severe))).to_contain_text(band)
    expect(page.locator(tile_of(page, nobody))).to_contain_text(face)


def test_a_hostile_name_is_refused_and_a_hostile_detail_is_only_text(new_room, visit):
    room = new_room("<script>window.hurt = 1</script>").level(1.0)
    other = new_room().level(1.0)
    other.alarm(Condition.CAMERA_LOST, detail="<img src=x onerror='window.hurt = 1'>")
    page = visit()
    expect(page.locator(tile_of(page, room)).locator("h2")).to_have_text(room.room)
    expect(page.locator(tile_of(page, other))).to_contain_text("<img src=x onerror")
    assert page.evaluate("window.hurt") is None
    other.alarm(Condition.CAMERA_LOST, AlarmState.OFF, signal=Signal.SILENT, trigger=None)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("place", ["board", "room", "login"])
def test_axe_finds_no_barrier(new_room, visit, place, night):
    room = new_room().level(5.4, units={ActionUnit.AU4: 4.0})
    room.alarm()
    others: list[RoomBox] = [new_room().level(level) for level in (0.2, 2.0, 3.5)]
    others.append(new_room().level(None, reason=Reason.NO_FACE))
    page = visit(role=Role.ADMIN)
    if night:
        page.click("#night")
        expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    page.goto({"board": "/", "room": f"/room/{room.room}", "login": "/login"}[place])
    if place != "login":
        expect(page.locator(".band").first).to_be_visible()
    if place == "room":
        expect(page.locator(".history table").first).to_be_visible()
        expect(page.locator(".heat")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps(found, indent=1)[:4000]
    room.alarm(state=AlarmState.OFF, signal=Signal.SILENT, trigger=None)
