"""How fast residents are rendered, where the time goes, and how much memory it takes."""

from __future__ import annotations

import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from train.residents.dataset import Plan, make_dataset
from train.residents.figure import Figure
from train.residents.film import Picture, develop, draw_background, jpeg
from train.residents.sitting import sit
from train.residents.studio import Shot, Studio
from train.study.table import Row

_TIMED_PEOPLE = 3


class TimedStudio(Studio):
    """A studio that adds up the seconds of each step; its pictures are those of any studio."""

    def __init__(self, assets: Path | None = None) -> None:
        super().__init__(assets)
        self.spent_s: defaultdict[str, float] = defaultdict(float)

    def take(
        self, figure: Figure, shot: Shot, *, size: tuple[int, int], rng: np.random.Generator
    ) -> Picture:
        """One picture, as ``Studio.take`` makes it."""
        with self.timed("mesh"):
            parts = figure.parts(shot.expression, pose=shot.pose, lag=shot.lag, nearby=shot.nearby)
        with self.timed("draw"):
            layer = self.renderer.draw(parts, camera=shot.camera, lights=shot.lights, size=size)
        with self.timed("film"):
            return develop(layer, draw_background(size, rng), shot.film, rng)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time inside to a step."""
        started_s = time.perf_counter()
        try:
            yield
        finally:
            self.spent_s[step] += time.perf_counter() - started_s


def measure(
    plan: Plan,
    scratch: Path,
    *,
    workers: int,
    assets: Path | None = None,
    on_person: Callable[[int], None] = lambda _done: None,
) -> Row:
    """Render a set into an empty folder, then a few people again with a stopwatch at each step.

    Peak memory is that of the process (``ru_maxrss``) when the set is done: of this one, and of the
    largest of its workers. With one worker this process renders itself.

    Args:
        plan: what to render.
        scratch: empty folder.
        workers: processes.
        assets: folder of the MakeHuman package; the cache when None.
        on_person: told how many persons are done.

    Returns:
        One row: load of the machine before, pictures an hour with and without the start, seconds a
        picture by step in one process, memory in MB, mean size of a JPEG in KB.

    Raises:
        AssetError: assets or OpenGL are absent.
    """
    done_s: dict[int, float] = {}

    def note(done: int) -> None:
        done_s[done] = time.monotonic()
        on_person(done)

    out = scratch / "set"
    load_average = os.getloadavg()[0]
    started_s = time.monotonic()
    make_dataset(plan, out, assets=assets, workers=workers, on_person=note)
    ended_s = time.monotonic()
    own_mb, worker_mb = _peak_mb(resource.RUSAGE_SELF), _peak_mb(resource.RUSAGE_CHILDREN)
    pictures = sorted(out.rglob("*.jpg"))
    with TimedStudio(assets) as studio:
        split = _split_s(studio, plan)
        renderer = studio.renderer.device
    return {
        "renderer": renderer,
        "style": plan.style.value,
        "size_px": plan.size_px,
        "workers": workers,
        "people": plan.people,
        "pictures": len(pictures),
        "load_average_before": load_average,
        "wall_s": ended_s - started_s,
        "pictures_per_hour": rate_per_hour(len(pictures), ended_s - started_s),
        "pictures_per_hour_once_started": steady_rate_per_hour(done_s, plan.per_person),
        **{f"{step}_s_per_picture": seconds for step, seconds in split.items()},
        "parent_peak_mb": own_mb,
        "worker_peak_mb": worker_mb if workers > 1 else own_mb,
        "mean_picture_kb": float(np.mean([path.stat().st_size for path in pictures])) / 1024,
    }


def rate_per_hour(count: int, seconds: float) -> float:
    """Things an hour."""
    return 3600.0 * count / seconds


def steady_rate_per_hour(done_s: dict[int, float], per_person: int) -> float:
    """Pictures an hour from the first finished person to the last; NaN when there is but one.

    Args:
        done_s: time at which so many persons were done; 0 persons at the start.
        per_person: pictures of each.
    """
    finished = sorted(done for done in done_s if done)
    if len(finished) < 2:  # noqa: PLR2004
        return float("nan")
    first, last = finished[0], finished[-1]
    return rate_per_hour(per_person * (last - first), done_s[last] - done_s[first])


def _split_s(studio: TimedStudio, plan: Plan) -> dict[str, float]:
    """Seconds a picture of every step, and of the rest: dressing, chance, the film's parameters."""
    count, started_s = 0, time.perf_counter()
    for index in range(min(plan.people, _TIMED_PEOPLE)):
        for photograph in sit(
            studio,
            style=plan.style,
            seed=plan.seed,
            index=index,
            count=plan.per_person,
            size_px=plan.size_px,
        ):
            with studio.timed("jpeg"):
                jpeg(photograph.picture, photograph.shot.film.jpeg_quality)
            count += 1
    total_s = time.perf_counter() - started_s
    spent = {step: seconds / count for step, seconds in studio.spent_s.items()}
    return spent | {"rest": total_s / count - sum(spent.values())}


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024
