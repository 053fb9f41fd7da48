"""A real station, broker, mail server and web server: who is told, and of what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from pain.alarms import AlarmState, Condition
from pain.wire import Availability, EscalationPayload
from station.config import StationConfig
from station.ports import Trouble
from tests.brokers import Recorder
from tests.station.conftest import MakeConfig, listening, now, say, until
from tests.station.escalate.servers import MailServer, WebServer
from tests.station.messages import ROOM, alarm, status

PAGES = f"painwatch/{ROOM.site}/station/ward-2/escalation"
SEVERE = f"alarm/{Condition.PAIN_SEVERE}"


def hurting(state: AlarmState = AlarmState.ON) -> Any:
    return alarm(Condition.PAIN_SEVERE, state).model_copy(update={"onset_at": now()})


def pages(box: Recorder) -> list[EscalationPayload]:
    return [EscalationPayload.model_validate_json(heard.payload) for heard in box.on(PAGES)]


def speak(box: Recorder) -> None:
    say(box, "availability", Availability.ONLINE.value, retain=True)
    say(box, "status", status(), retain=True)


def paged(make_config: MakeConfig, **changes: Any) -> StationConfig:
    escalation = {
        "recipients": [{"id": "pager", "mqtt": {}}],
        "steps": [{"after_s": 0.2, "to": ["pager"]}],
        "room_silent": False,
        **changes,
    }
    return make_config(escalation=escalation)


async def test_a_page_goes_out_and_an_all_clear_when_somebody_acknowledges(
    make_config: MakeConfig, box: Recorder
):
    async with listening(paged(make_config)) as app:
        speak(box)
        say(box, SEVERE, hurting(), retain=True)
        page = (await until(lambda: pages(box)))[0]
        assert (page.kind, page.recipient, page.step) == ("alarm", "pager", 1)
        assert page.room_name == "Room 12"
        assert "Room 12: Severe pain" in page.text
        [told] = await until(lambda: app.told(ROOM))
        assert told.recipient == "pager"
        say(box, SEVERE, hurting(AlarmState.ACKNOWLEDGED), retain=True)
        clear = (await until(lambda: pages(box)[1:]))[0]
        assert (clear.kind, clear.case_id, clear.ending) == (
            "all_clear",
            page.case_id,
            "acknowledged",
        )
        assert app.troubles == frozenset()
        await until(lambda: not app.told(ROOM))
        actions = "SELECT action FROM audit WHERE action LIKE 'escalation%' ORDER BY number"

        def logged() -> list[str]:
            with app.engine.connect() as connection:
                return [row.action for row in connection.execute(text(actions))]

        await until(lambda: logged().count("escalation_delivered") == 2)


async def test_an_acknowledged_alarm_is_never_escalated(make_config: MakeConfig, box: Recorder):
    async with listening(paged(make_config)):
        speak(box)
        say(box, SEVERE, hurting(AlarmState.ACKNOWLEDGED), retain=True)
        # Another room's alarm shows that a step's time has passed.
        other = f"painwatch/{ROOM.site}/room-14/{SEVERE}"
        box.publish(other, hurting().model_dump_json(), retain=True)
        await until(lambda: pages(box))
        assert {page.room for page in pages(box)} == {"room-14"}


async def test_a_restarted_station_tells_no_step_twice_and_ends_what_it_began(
    make_config: MakeConfig, box: Recorder
):
    config = paged(make_config)
    async with listening(config):
        speak(box)
        say(box, SEVERE, hurting(), retain=True)
        await until(lambda: pages(box))
    async with listening(config) as app:
        await until(lambda: app.room(ROOM) and app.room(ROOM).alarms)
        assert [told.recipient for told in app.told(ROOM)] == ["pager"]
        say(box, SEVERE, hurting(AlarmState.ACKNOWLEDGED), retain=True)
        await until(lambda: len(pages(box)) > 1)
    assert [page.kind for page in pages(box)] == ["alarm", "all_clear"]


async def test_mail_webhook_and_push_say_the_same(
    make_config: MakeConfig, box: Recorder, tmp_path: Path
):
    for name in ("smtp", "hook", "push"):
        (tmp_path / name).write_text(f"secret-{name}\n")
    async with MailServer() as mail, WebServer() as hook, WebServer() as push:
        config = paged(
            make_config,
            smtp={
                "host": "127.0.0.1",
                "port": mail.port,
                "tls": "none",
                "username": "u",
                "password_file": tmp_path / "smtp",
                "sender": "station@home.example",
            },
            recipients=[
                {"id": "lead", "email": {"to": "lead@home.example"}},
                {"id": "hook", "webhook": {"url": hook.url, "bearer_file": tmp_path / "hook"}},
                {
                    "id": "phone",
                    "ntfy": {"url": push.url, "topic": "ward", "token_file": tmp_path / "push"},
                },
            ],
            steps=[{"after_s": 0.2, "to": ["lead", "hook", "phone"]}],
        )
        async with listening(config):
            speak(box)
            say(box, SEVERE, hurting(), retain=True)
            await until(lambda: mail.mails and hook.bodies and push.bodies)
    payload = EscalationPayload.model_validate_json(json.dumps(hook.bodies[0]))
    assert "Room 12: Severe pain" in payload.text
    assert mail.mails[0]["To"] == "lead@home.example"
    assert payload.text in mail.mails[0].as_string().replace("=\n", "")
    assert mail.logins
    assert push.bodies[0] == {
        "topic": "ward",
        "title": "Room 12: Severe pain",
        "message": payload.text,
        "priority": 5,
    }
    assert hook.headers[0]["authorization"] == "Bearer secret-hook"
    assert push.headers[0]["authorization"] == "Bearer secret-push"


async def test_a_recipient_that_cannot_be_reached_is_a_trouble_until_it_is_reached(
    make_config: MakeConfig, box: Recorder, monkeypatch: Any
):
    monkeypatch.setattr("station.escalate.escalator.FIRST_RETRY_S", 0.1)
    async with WebServer() as hook:
        hook.refuse = True
        config = paged(
            make_config,
            recipients=[{"id": "pager", "webhook": {"url": hook.url}}],
        )
        async with listening(config) as app:
            speak(box)
            say(box, SEVERE, hurting(), retain=True)
            await until(lambda: app.troubles == {Trouble.ESCALATION_FAILS})
            assert app.connected
            hook.refuse = False
            await until(lambda: app.troubles == frozenset())
            assert len(hook.bodies) == 1


async def test_a_silent_room_is_escalated(make_config: MakeConfig, box: Recorder):
    config = paged(make_config, room_silent=True).model_copy(
        update={"board": make_config(board={"silent_after_s": 2.0}).board}
    )
    async with listening(config):
        speak(box)
        page = (await until(lambda: [p for p in pages(box) if p.subject == "room_silent"]))[0]
        assert page.room == ROOM.room
        assert page.level is None


async def test_what_was_not_delivered_before_a_restart_is_delivered_after_it(
    make_config: MakeConfig, box: Recorder
):
    async with WebServer() as hook:
        hook.refuse = True
        config = paged(make_config, recipients=[{"id": "pager", "webhook": {"url": hook.url}}])
        async with listening(config) as app:
            speak(box)
            say(box, SEVERE, hurting(), retain=True)
            await until(lambda: Trouble.ESCALATION_FAILS in app.troubles)
        assert hook.bodies == []
        hook.refuse = False
        async with listening(config):
            await until(lambda: hook.bodies)
    assert [body["kind"] for body in hook.bodies] == ["alarm"]
