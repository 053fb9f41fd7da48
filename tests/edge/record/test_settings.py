from __future__ import annotations

from typing import Any

import pytest

from edge.config import EdgeConfig
from edge.record.settings import describe

CANARY = "c4n4ry-9f2b"


def config(**changes: Any) -> EdgeConfig:
    document = {
        "site": "home",
        "mqtt": {"host": "broker", "username": "box", "password": CANARY},
        "rooms": [
            {"id": "room-1", "camera": {"uri": f"rtsp://cam:{CANARY}@10.0.0.1/s?token={CANARY}"}}
        ],
        **changes,
    }
    return EdgeConfig.model_validate(document)


def test_settings_are_recorded_whole_at_the_start_and_without_secrets():
    said = describe(config(), None)
    assert CANARY not in str(said)
    assert said["settings"]["mqtt.host"] == "broker"
    assert said["settings"]["rooms[0].camera.uri"].startswith("rtsp://***@10.0.0.1/s")
    assert len(said["sha256"]) == 64


def test_afterwards_only_what_changed():
    before, now = config(), config(smoothing={"window_s": 7.5})
    said = describe(now, before)
    assert said["changed"] == {"smoothing.window_s": 7.5}
    assert said["sha256"] != describe(before, None)["sha256"]


@pytest.mark.parametrize("password", ["other-secret", "third-secret"])
def test_a_new_password_shows_in_no_hash(password: str):
    mqtt = {"host": "broker", "username": "box", "password": password}
    assert describe(config(mqtt=mqtt), None)["sha256"] == describe(config(), None)["sha256"]
