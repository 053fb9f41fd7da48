"""Draws the pictures of docs/board.md: the demonstration ward in a real browser.

``python scripts/board-pictures.py`` needs Chromium; takes two minutes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from painwatch.ward.stage import staged

FOLDER = Path(__file__).parents[1] / "docs" / "board"
SEVERE_S = 75
"""When room 3 hurts, room 9's box hangs and room 10's camera is lost."""


def log_in(page: Page, password: str) -> None:
    """Go through the door as the demonstration's nurse."""
    page.goto("/login")
    page.fill("#user", "nurse")
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".tile")


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with staged(tell=print) as shown, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=shown.url, viewport={"width": 1280, "height": 900})
        log_in(page, shown.password)
        page.wait_for_timeout(SEVERE_S * 1000)
        page.screenshot(path=FOLDER / "board.png", full_page=True)
        page.select_option("#language", "de")
        page.click("#night")
        page.wait_for_selector("body.body--dark .tile .alarms")
        page.screenshot(path=FOLDER / "night.png", full_page=True)
        page.select_option("#language", "en")
        page.click("#night")
        page.wait_for_selector("body.body--light .tile .alarms")
        page.goto("/room/room-3")
        page.wait_for_selector(".history table")
        page.wait_for_timeout(1000)
        page.screenshot(path=FOLDER / "room.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
