"""The whole demonstration."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from string import Template
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from edge.bench.rows import write_rows
from edge.config import EdgeConfig
from edge.config.load import load_config
from edge.demo.broker import EmbeddedBroker
from edge.demo.daemon import Daemon
from edge.demo.judge import judge
from edge.demo.record import record, stream_start
from edge.demo.report import print_summary
from edge.demo.rows import alarm_rows
from edge.demo.stage import PICTURE_SIZE, DemoApp, Show, show_plain
from edge.demo.truth import Truth, clip_path, load_truth
from edge.track.model_file import fetch_landmarker, locate_landmarker
from edge.watch.bands import bands_from
from edge.watch.feed import Heard, Message
from edge.watch.link import BoardLink
from edge.watch.plain import PlainBoard
from pain.clock import SystemClock
from pain.errors import InternalError, ModelFileError
from pain.signals import terminate_as_interrupt
from pain.wire import Availability

PERSON: Final = "demo"
FAREWELL_S: Final = 3.0
"""Longest wait for the daemon's last messages after it has ended."""

LEFT_EARLY: Final = 130


@dataclass(slots=True)
class _Ear:
    """Keeps all messages for the judge and passes everything on to the board."""

    inbox: SimpleQueue[Heard] = field(default_factory=SimpleQueue)
    messages: list[Message] = field(default_factory=list)
    started: datetime | None = None
    farewell: bool = False

    def hear(self, item: Heard) -> None:
        if isinstance(item, Message):
            self.messages.append(item)
            self.started = stream_start([item]) or self.started
            if item.topic.endswith("/availability"):
                self.farewell = item.payload == Availability.STOPPED.encode()
        self.inbox.put(item)


class _Ending:
    """The daemon has ended, and its last messages were heard or waited for long enough."""

    def __init__(self, daemon: Daemon, ear: _Ear) -> None:
        self._daemon = daemon
        self._ear = ear
        self._ended_s: float | None = None

    def __call__(self) -> bool:
        if self._daemon.exit_code is None:
            return False
        if self._ended_s is None:
            self._ended_s = time.monotonic()
        heard_all = self._ear.farewell and self._ear.inbox.empty()
        return heard_all or time.monotonic() - self._ended_s >= FAREWELL_S


Beside = Callable[[int], AbstractContextManager[object]]
"""Runs something else at the broker, whose port it is given, for the length of a block."""


def nothing_beside(_port: int) -> AbstractContextManager[object]:
    """Run nothing else."""
    return nullcontext()


def run_demo(
    *,
    full_screen: bool,
    fast: bool,
    picture: Path | None,
    results: Path | None = None,
    beside: Beside = nothing_beside,
) -> int:
    """Play the clip through the real daemon and judge its alarms.

    Args:
        full_screen: the live board instead of lines of text.
        fast: read the clip as fast as it can be scored.
        picture: save an SVG of the board in severe pain; the board is then drawn without a
            terminal.
        results: write one CSV row for each scene.
        beside: what else runs at the demonstration's broker.

    Returns:
        0 when the alarms came once and in time, 1 when not, 130 when somebody left early.

    Raises:
        PainwatchError: something that the demonstration needs is absent or failed.
    """
    with terminate_as_interrupt():
        return _run(
            full_screen=full_screen, fast=fast, picture=picture, results=results, beside=beside
        )


def _run(
    *,
    full_screen: bool,
    fast: bool,
    picture: Path | None,
    results: Path | None,
    beside: Beside,
) -> int:
    console = Console()
    truth = load_truth()
    _require_landmarker()
    ear = _Ear()
    with (
        tempfile.TemporaryDirectory(prefix="painwatch-demo-") as folder,
        EmbeddedBroker() as broker,
        beside(broker.port),
    ):
        file = _write_config(Path(folder), port=broker.port)
        config = load_config(file)
        link = BoardLink(mqtt=config.mqtt, site=config.site, clock=SystemClock())
        link.start(ear.hear)
        try:
            with Daemon(file, fast=fast) as daemon:
                ending = _Ending(daemon, ear)
                show = Show(truth=truth, started=lambda: ear.started, over=ending, live=not fast)
                _play(show, config, link, ear, full_screen=full_screen, picture=picture)
                if not ending():
                    console.print("left before the end of the clip; nothing was judged")
                    return LEFT_EARLY
                _require_success(daemon)
        finally:
            link.stop()
    return _summarise(truth, config, ear, console, results)


def _require_landmarker() -> None:
    try:
        locate_landmarker(None)
    except ModelFileError:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("fetching the face landmarker (3.8 MB)", total=None)
            fetch_landmarker(tell=lambda told: progress.update(task, description=told))


def _write_config(folder: Path, *, port: int) -> Path:
    template = Template(files("edge").joinpath("demo", "demo.yaml").read_text(encoding="utf-8"))
    file = folder / "demo.yaml"
    text = template.substitute(
        port=port, clip=_quoted(clip_path()), state=_quoted(folder / "state")
    )
    file.write_text(text, encoding="utf-8")
    return file


def _quoted(path: Path) -> str:
    """A YAML string in single quotes, so that no path can break the file."""
    return "'" + str(path).replace("'", "''") + "'"


def _play(
    show: Show,
    config: EdgeConfig,
    link: BoardLink,
    ear: _Ear,
    *,
    full_screen: bool,
    picture: Path | None,
) -> None:
    bands = bands_from(config.alarms)
    if not full_screen and picture is None:
        show_plain(PlainBoard(console=Console(), bands=bands, clock=SystemClock()), ear.inbox, show)
        return
    app = DemoApp(
        show=show,
        picture=picture,
        inbox=ear.inbox,
        feed=link,
        site=config.site,
        bands=bands,
        clock=SystemClock(),
        person=PERSON,
    )
    app.run(headless=picture is not None, size=PICTURE_SIZE if picture else None)
    if picture is not None:
        taken = f"the board was drawn to {picture}"
        Console().print(taken if app.picture_taken else "no picture: severe pain never showed")


def _require_success(daemon: Daemon) -> None:
    if daemon.exit_code != 0:
        raise InternalError(
            f"the daemon ended with code {daemon.exit_code}. It said last:\n{daemon.last_words()}"
        )


def _summarise(
    truth: Truth, config: EdgeConfig, ear: _Ear, console: Console, results: Path | None
) -> int:
    if ear.started is None:
        raise InternalError("the daemon never told when the clip began, so nothing can be judged")
    outcome = judge(truth, record(ear.messages, started=ear.started), config.alarms)
    print_summary(outcome, console)
    if results is not None:
        write_rows(results, alarm_rows(outcome))
    return 1 if outcome.faults else 0
