"""The live board in the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer, Static

from edge.watch import orders, words
from edge.watch.bands import COLOURS, Band, Bands
from edge.watch.board import HISTORY_S, BoardState, LogLine, Tone
from edge.watch.card import HISTORY_COLUMNS, Card
from edge.watch.dialogue import PersonDialogue
from edge.watch.feed import Feed, Heard, LinkChange, Message
from edge.watch.view import Row, rows
from pain.clock import Clock, Moment

TAKE_EVERY_S: Final = 0.2
"""New messages are taken in this often; a level comes about once a second."""

AGE_EVERY_S: Final = 1.0
"""Without messages the board is redrawn this often, so that what is old is seen to be old."""

INTERRUPTED: Final = 130
"""What shells report for a program ended by Ctrl-C."""

_TONES: Final = {
    Tone.HIGH: f"bold {COLOURS[Band.SEVERE]}",
    Tone.MEDIUM: f"bold {COLOURS[Band.MODERATE]}",
    Tone.GOOD: COLOURS[Band.CALM],
    Tone.BAD: COLOURS[Band.UNAVAILABLE],
    Tone.PLAIN: "#d5dae3",
}

MakeOrder = Callable[..., orders.Order]


class BoardApp(App[None]):
    """All rooms of a site, those that need somebody first.

    Args:
        inbox: what the feed has heard; filled by another thread.
        feed: sends commands.
        site: shown in the first line.
        bands: limits of the bands.
        clock: source of the present moment.
        person: id to sign commands with; asked for when None.
        window_s: time that the histories span, seconds, at most ten minutes.
    """

    TITLE = "painwatch"
    CSS_PATH = Path(__file__).with_name("board.tcss")  # also for subclasses elsewhere
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Room", key_display="↑↓", priority=True),
        Binding("down", "choose(1)", "Room", show=False, priority=True),
        Binding("a", "order('acknowledge')", "Acknowledge"),
        Binding("p", "order('pause')", "Pause 10 min"),
        Binding("r", "order('resume')", "Resume"),
        Binding("i", "identify", "Who am I"),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]
    ORDERS: ClassVar[dict[str, MakeOrder]] = {
        "acknowledge": orders.acknowledge,
        "pause": orders.pause,
        "resume": orders.resume,
    }

    def __init__(
        self,
        *,
        inbox: SimpleQueue[Heard],
        feed: Feed,
        site: str,
        bands: Bands,
        clock: Clock,
        person: str | None = None,
        window_s: float = HISTORY_S,
    ) -> None:
        super().__init__()
        self.state = BoardState()
        self.person = person
        self.chosen: str | None = None
        self._inbox = inbox
        self._feed = feed
        self._site = site
        self._bands = bands
        self.clock = clock
        self._window_s = window_s
        self._link = LinkChange(connected=True, at=clock.now())
        self._order_of_rooms: tuple[str, ...] = ()
        self._drawn_s = float("-inf")

    def compose(self) -> ComposeResult:
        """Lay the board out: first line, rooms, log, keys."""
        yield Static(id="head")
        with VerticalScroll(id="rooms", can_focus=False):
            yield Static(
                f"No room heard of yet. Waiting for painwatch/{self._site}/… on {self._feed.where}",
                id="nothing",
            )
        log = Static(id="log")
        log.border_title = "Last events"
        log.border_subtitle = words.DISCLAIMER
        yield log
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to take messages in."""
        self.call_after_refresh(self.take)
        self.set_interval(TAKE_EVERY_S, self.take)

    def on_resize(self) -> None:
        """Use the new height for the log."""
        self.call_after_refresh(lambda: self._draw(self.clock.now()))

    def take(self) -> None:
        """Take in what was heard and redraw when something changed or time has passed."""
        now = self.clock.now()
        before = self.state
        heard_link = False
        while True:
            try:
                item = self._inbox.get_nowait()
            except Empty:
                break
            if isinstance(item, LinkChange):
                self._link, heard_link = item, True
            elif isinstance(item, Message):
                self.state = self.state.apply(item.topic, item.payload, item.at)
            else:
                self.state = self.state.noticed(item.text, item.at)
        self.state = self.state.tick(now)
        aged = now.monotonic_s - self._drawn_s >= AGE_EVERY_S
        if self.state is not before or heard_link or aged:
            self._announce(before)
            self._draw(now)

    def drawn(self, shown: tuple[Row, ...]) -> None:
        """Called after each redraw; for front ends that build on this one."""

    async def action_choose(self, step: int) -> None:
        """Move the choice up or down."""
        if not self._order_of_rooms or len(self.screen_stack) > 1:
            return
        at = self._order_of_rooms.index(self.chosen) if self.chosen else 0
        at = min(max(at + step, 0), len(self._order_of_rooms) - 1)
        self.chosen = self._order_of_rooms[at]
        self._draw(self.clock.now())
        self._card(self.chosen).scroll_visible(animate=False)

    def action_order(self, name: str) -> None:
        """Give a command to the chosen room, asking first who gives it."""
        room = self.chosen
        if room is None:
            self.notify("There is no room to give a command to yet.", severity="warning")
            return
        if self.person is not None:
            self._give(name, room, self.person)
            return

        def answered(person: str | None) -> None:
            if person is not None:
                self.person = person
                self._give(name, room, person)

        purpose = f"Who asks to {name} {self.state.rooms[room].name}?"
        self.push_screen(PersonDialogue(purpose=purpose, person=None), answered)

    def action_identify(self) -> None:
        """Change the remembered id."""

        def answered(person: str | None) -> None:
            self.person = person or self.person

        self.push_screen(PersonDialogue(purpose="Who are you?", person=self.person), answered)

    def action_interrupt(self) -> None:
        """End as Ctrl-C ends other programs."""
        self.exit(return_code=INTERRUPTED)

    def _give(self, name: str, room: str, person: str) -> None:
        if not self._link.connected:
            self.notify("Not connected to the broker: nothing was sent.", severity="error")
            return
        order = self.ORDERS[name](room, person=person, now=self.clock.now())
        self.state = self.state.ordered(order)
        self._feed.send(order)
        self.notify(f"{name} sent to {self.state.rooms[room].name} …", timeout=2)

    def _announce(self, before: BoardState) -> None:
        known = set(map(id, before.log))
        for line in self.state.log:
            if line.mine and id(line) not in known:
                self.notify(
                    f"{self.state.name_of(line.room)}: {line.text}",
                    severity="information" if line.tone is Tone.GOOD else "error",
                )

    def _draw(self, now: Moment) -> None:
        self._drawn_s = now.monotonic_s
        shown = rows(
            self.state,
            now,
            bands=self._bands,
            buckets_shown=HISTORY_COLUMNS,
            window_s=self._window_s,
        )
        if self.chosen is None and shown:
            self.chosen = shown[0].key
        self._draw_cards(shown)
        self.query_one("#head", Static).update(self._head(now))
        log = self.query_one("#log", Static)
        lines = max(log.content_size.height, 1)
        shown_log = [self._log_line(line) for line in self.state.log[-lines:]]
        log.update(Text("\n", no_wrap=True, overflow="ellipsis").join(shown_log))
        self.drawn(shown)

    def _draw_cards(self, shown: tuple[Row, ...]) -> None:
        board = self.query_one("#rooms", VerticalScroll)
        self.query_one("#nothing").display = not shown
        order = tuple(row.key for row in shown)
        new = [Card(key=key, bands=self._bands) for key in order if key not in self._order_of_rooms]
        if new:
            board.mount(*new)
        for row in shown:
            self._card(row.key).show(row, chosen=row.key == self.chosen, window_s=self._window_s)
        if order != self._order_of_rooms:
            place = {key: index for index, key in enumerate(order)}
            board.sort_children(key=lambda w: place[w.key] if isinstance(w, Card) else -1)
            self._order_of_rooms = order

    def _card(self, key: str) -> Card:
        return next(card for card in self.query(Card) if card.key == key)

    def _head(self, now: Moment) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(" painwatch ", style="bold #10141b on #d5dae3")
        line.append(f" {self._site}  ", style="bold")
        if self._link.connected:
            line.append(f"● broker {self._feed.where}", style=COLOURS[Band.CALM])
        else:
            since = words.clock_time(self._link.at.wall)
            line.append(
                f"✕ BROKER LOST since {since}: alarms below are as of then",
                style=f"bold {COLOURS[Band.SEVERE]}",
            )
        person = f"  {self.person}" if self.person else ""
        line.append(f"{person}  {words.clock_time(now.wall)}", style="#8a93a3")
        return line

    def _log_line(self, line: LogLine) -> Text:
        text = Text()
        text.append(f"{words.clock_time(line.at)} ", style="#8a93a3")
        text.append(f"{self.state.name_of(line.room)}: ", style="bold")
        text.append(line.text, style=_TONES[line.tone])
        return text
