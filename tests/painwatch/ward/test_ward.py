"""The demonstration ward as its visitors see it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from painwatch.ward.broker import some_broker

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60


def test_without_mosquitto_the_embedded_broker_takes_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr("painwatch.ward.broker.shutil.which", lambda *_, **__: None)
    with some_broker(tmp_path) as broker:
        assert (broker.name, broker.protocol) == ("amqtt, embedded", "3.1.1")
        socket.create_connection(("127.0.0.1", broker.port), timeout=PATIENCE_S).close()


@pytest.mark.slow
def test_twelve_rooms_are_on_the_board_and_nothing_is_left_behind(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "painwatch", "station", "demo", "--no-browser"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C ends" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        url = re.search(r"http://\S+", said)
        password = re.search(r"password\s+(\S+)", said)
        assert url is not None
        assert password is not None
        _look(url.group(), password.group(1))
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE_S)
        process.stdout.close()
    assert code == 0
    assert list(tmp_path.iterdir()) == []


def _look(url: str, password: str) -> None:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=url)
        page.goto("/login")
        page.fill("#user", "nurse")
        page.fill("#password", password)
        page.click("button[type=submit]")
        expect(page.locator(".tile")).to_have_count(12, timeout=30_000)
        expect(page.locator("[data-room=room-7]")).to_contain_text("Mild signs", timeout=30_000)
        expect(page.locator("[data-room=room-5]")).to_contain_text(
            "No face in the picture.", timeout=30_000
        )
        page.goto("/room/room-7")
        expect(page.locator(".heat td.band-calm").first).to_be_visible(timeout=30_000)
        browser.close()
