"""A browser gets no more to draw than it can, and curves are drawn once for all."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from pain.clock import Moment
from station.board import brush as brushes
from station.board.brush import Brush
from station.board.curves import Curves
from station.board.trends import STEP_S, Trends
from station.live.values import RoomKey
from station.words import Language, words_of
from tests.station.messages import START


class Client:
    """A browser that has drawn when the test says so."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.drawn = asyncio.Event()

    async def run_javascript(self, code: str, **_: float) -> None:
        self.sent.append(json.loads(code.removeprefix("drawTiles(").removesuffix(")")))
        await self.drawn.wait()


class Props(dict[str, str]):
    def suspend_updates(self) -> Any:
        return nullcontext()


class Html:
    """An element of NiceGUI as far as the brush needs it."""

    html_id = "c7"

    def __init__(self) -> None:
        self.props = Props()
        self.content = ""

    def set_content(self, content: str) -> None:
        self.content = content


UP, LOW = Markup("<p>2,1</p>"), Markup("<div>curve</div>")


async def settle() -> None:
    """Let the tasks that are ready run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_drawing_is_the_elements_own_content():
    client, html = Client(), Html()
    brush = Brush(client)
    brush.draw(html, UP, LOW, was=None)
    brush.send()
    await settle()
    assert html.content == UP + LOW
    assert client.sent == []
    assert not brush.busy


async def test_a_part_that_is_as_it_was_is_not_sent_and_the_element_has_the_whole():
    client, html = Client(), Html()
    brush = Brush(client)
    brush.draw(html, UP, LOW, was=LOW)
    brush.draw(html, UP, LOW, was=Markup("<div>before</div>"))
    brush.send()
    await settle()
    assert client.sent == [[["c7", UP, None], ["c7", UP, LOW]]]
    assert html.props["innerHTML"] == UP + LOW
    client.drawn.set()


async def test_a_browser_is_busy_until_it_has_drawn_and_rested(monkeypatch):
    client = Client()
    brush = Brush(client)
    brush.draw(Html(), UP, LOW, was=LOW)
    brush.send()
    await settle()
    assert brush.busy
    client.drawn.set()
    monkeypatch.setattr(brushes, "REST", 0.0)
    await settle()
    assert not brush.busy


async def test_a_browser_rests_by_how_long_it_has_drawn(monkeypatch):
    client = Client()
    brush = Brush(client)
    monkeypatch.setattr(brushes, "REST", 1e9)
    brush.draw(Html(), UP, LOW, was=LOW)
    brush.send()
    await settle()
    client.drawn.set()
    await settle()
    assert brush.busy


async def test_a_page_is_old_when_it_has_not_drawn_for_long(monkeypatch):
    client = Client()
    brush = Brush(client)
    brush.draw(Html(), UP, LOW, was=LOW)
    brush.send()
    assert not brush.late
    monkeypatch.setattr(brushes, "LATE_S", 0.0)
    await settle()
    assert brush.late
    client.drawn.set()
    await settle()
    assert not brush.late


def test_curves_are_drawn_anew_only_when_a_point_was_due(monkeypatch):
    drawn: list[RoomKey] = []

    def draw(key: RoomKey, **_: object) -> Markup:
        drawn.append(key)
        return Markup("{}").format(len(drawn))

    monkeypatch.setattr("station.board.curves.curves", draw)
    curves = Curves(Trends(), 3.0)
    room, other = (RoomKey(site="elm-court", room=name) for name in ("7", "8"))
    english, german = words_of(Language.EN), words_of(Language.DE)
    begin = Moment(monotonic_s=1000.0, wall=START)
    later = Moment(monotonic_s=1000.0 + STEP_S, wall=START + timedelta(seconds=STEP_S))
    assert [curves.of(room, english, begin) for _ in range(3)] == ["1", "1", "1"]
    assert curves.of(other, english, begin) == "2"
    assert curves.of(room, german, begin) == "3"
    assert curves.of(room, english, later) == "4"
