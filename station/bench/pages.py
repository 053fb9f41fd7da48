"""Browsers that look at the board, and note when each alarm is on it."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from pain.errors import UsageError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PATIENCE_MS: Final = 60_000.0

NOTE_ALARMS: Final = """() => {
  window.alarmsSeen = {};
  const look = () => {
    const now = Date.now();
    for (const tile of document.querySelectorAll(".tile.sounding")) {
      window.alarmsSeen[tile.dataset.room] ??= now;
    }
  };
  new MutationObserver(look).observe(document.body, {
    attributes: true, attributeFilter: ["class"], childList: true, subtree: true,
  });
}"""
"""Room by room the time in milliseconds since 1970; the rooms' process has the same clock."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium without a screen; nothing is fetched from anywhere.

    Raises:
        UsageError: Playwright or Chromium is not installed.
    """
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise UsageError(
            "--board drives a browser: install painwatch with the extra 'dev' (pip install "
            "'painwatch[dev]'), which brings Playwright"
        ) from error
    program = shutil.which("chromium")
    if program is None:
        raise UsageError("--board drives a browser: apt-get install chromium")
    async with async_playwright() as playwright:
        # Chromium's own sandbox needs rights that a root user in a container does not have.
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


async def open_board(browser: Browser, url: str, *, person: str, password: str, rooms: int) -> Page:
    """Log in at a wall screen of its own, wait for every room's tile and begin to note alarms.

    Args:
        browser: from ``chromium``.
        url: of the board.
        person: who logs in.
        password: of that person.
        rooms: tiles to wait for.
    """
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{url}/login")
    await page.fill("#user", person)
    await page.fill("#password", password)
    await page.click("button[type=submit]")
    await page.wait_for_function(
        "rooms => document.querySelectorAll('.tile').length === rooms", arg=rooms
    )
    await page.evaluate(NOTE_ALARMS)
    return page


async def alarms_seen(page: Page, burst: int, patience_s: float) -> dict[str, float]:
    """When each alarm was on the page, by room, in milliseconds since 1970.

    Args:
        page: from ``open_board``.
        burst: alarms to wait for.
        patience_s: what is not there after this time is missing.
    """
    deadline_s = time.monotonic() + patience_s
    while True:
        seen: dict[str, float] = await page.evaluate("() => window.alarmsSeen")
        if len(seen) >= burst or time.monotonic() > deadline_s:
            return seen
        await asyncio.sleep(0.2)
