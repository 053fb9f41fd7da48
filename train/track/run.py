"""Runs the daemon's tracker over a data set, in several processes, and keeps the answers."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from edge.track.landmarker import Landmarker
from edge.track.model_file import locate_landmarker
from pain.errors import DataError, WorkerError
from train.data.pictures import Picture, read_picture, video_frames
from train.data.problem import Problem, refuse
from train.data.sample import Dataset
from train.pool import join_pool
from train.track.cache import Cache
from train.track.jobs import Job, Portion, jobs_of, portions
from train.track.look import follow_clip, look_at_picture
from train.track.settings import TrackerSettings
from train.track.shard import Answer, read_keys, write_shard


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSummary:
    """What a run did.

    Attributes:
        looked_at: pictures that were looked at now.
        from_cache: pictures whose answers were there already.
    """

    looked_at: int
    from_cache: int


def track_dataset(
    dataset: Dataset,
    *,
    cache: Path,
    settings: TrackerSettings | None = None,
    workers: int | None = None,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> TrackSummary:
    """Look at every picture whose answer is not in the cache.

    What was finished before an interruption is kept. The answers do not depend on the number of
    processes.

    Args:
        dataset: what to look at.
        cache: folder of the answers.
        settings: of the tracker; the daemon's defaults when None.
        workers: processes; as many as there are cores when None.
        on_done: told how many pictures are done, and of how many.

    Raises:
        DataError: pictures cannot be read (all others are in the cache), or the cache is in use.
        ModelFileError: the landmark model is absent.
    """
    chosen = settings or TrackerSettings()
    locate_landmarker(chosen.tracking.landmarker)
    store = Cache(cache)
    hashes = store.hashes.of(sample.image for sample in dataset.samples)
    store.hashes.save()
    runs = jobs_of(dataset.samples, hashes)
    problems: list[Problem] = []
    with store.writing(chosen) as folder:
        work = list(portions(runs, known=read_keys(folder)))
        total, missing = len(dataset), sum(len(portion.jobs) for portion in work)
        done = total - missing
        on_done(done, total)
        for finished, found in _look(work, folder, chosen, workers or _cores()):
            done += finished
            problems += found
            on_done(done, total)
    refuse(problems, name=dataset.name)
    return TrackSummary(looked_at=missing, from_cache=total - missing)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


Finished = tuple[int, list[Problem]]


def _look(
    work: Sequence[Portion], folder: Path, settings: TrackerSettings, workers: int
) -> Iterator[Finished]:
    if not work:
        return
    if workers == 1 or len(work) == 1:
        with Landmarker(model=locate_landmarker(settings.tracking.landmarker)) as landmarker:
            for portion in work:
                yield _do(portion, folder, landmarker, settings)
        return
    with ProcessPoolExecutor(
        max_workers=min(workers, len(work)),
        # MediaPipe's threads do not survive a fork.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_process,
        initargs=(settings,),
    ) as pool:
        try:
            yield from _in_turn(pool, work, folder, settings, ahead=2 * workers)
        except BrokenProcessPool as error:
            raise WorkerError(
                "A tracking process died (out of memory?). What was finished is kept: "
                "run the same command again, with fewer --workers."
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_turn(
    pool: ProcessPoolExecutor,
    work: Iterable[Portion],
    folder: Path,
    settings: TrackerSettings,
    *,
    ahead: int,
) -> Iterator[Finished]:
    """Hand out portions, few at a time, so that an interruption waits for few."""
    waiting = iter(work)
    running: set[Future[Finished]] = set()
    while True:
        for portion in islice(waiting, ahead - len(running)):
            running.add(pool.submit(_do_in_process, portion, folder, settings))
        if not running:
            return
        finished = next(as_completed(running))
        running.discard(finished)
        yield finished.result()


_landmarker: Landmarker | None = None


def _start_process(settings: TrackerSettings) -> None:
    global _landmarker  # noqa: PLW0603  (one model a process; loading it takes half a second)
    join_pool()
    _landmarker = Landmarker(model=locate_landmarker(settings.tracking.landmarker))


def _do_in_process(portion: Portion, folder: Path, settings: TrackerSettings) -> Finished:
    if _landmarker is None:
        raise WorkerError("a tracking process was not set up")
    return _do(portion, folder, _landmarker, settings)


def _do(
    portion: Portion, folder: Path, landmarker: Landmarker, settings: TrackerSettings
) -> Finished:
    answers, problems = (_clip if portion.clip else _stills)(portion.jobs, landmarker, settings)
    if answers:
        write_shard(folder, answers, crops=settings.crops)
    return len(portion.jobs), problems


Outcome = tuple[list[Answer], list[Problem]]


def _stills(jobs: Sequence[Job], landmarker: Landmarker, settings: TrackerSettings) -> Outcome:
    answers: list[Answer] = []
    problems: list[Problem] = []
    for job in jobs:
        try:
            _, picture = next(_frames([job]))
        except DataError as error:
            problems.append(Problem(file=job.image, message=str(error)))
            continue
        outcome = look_at_picture(picture, landmarker=landmarker, settings=settings)
        answers.append(Answer(key=job.key, outcome=outcome))
    return answers, problems


def _clip(jobs: Sequence[Job], landmarker: Landmarker, settings: TrackerSettings) -> Outcome:
    """A clip is done whole or not at all: with a frame missing, the tracker would remember less."""
    outcomes = follow_clip(_frames(jobs), landmarker=landmarker, settings=settings)
    try:
        answers = [
            Answer(key=job.key, outcome=outcome)
            for job, outcome in zip(jobs, outcomes, strict=True)
        ]
    except DataError as error:
        return [], [Problem(file=jobs[0].image, message=f"the clip was left out: {error}")]
    return answers, []


def _frames(jobs: Sequence[Job]) -> Iterator[tuple[float, Picture]]:
    """Time and picture of every job; a video file is decoded once."""
    position = -1
    opened: Path | None = None
    video: Iterator[Picture] = iter(())
    for job in jobs:
        if job.frame is None:
            yield job.time_s, read_picture(job.image, job.half)
            continue
        if opened != job.image or job.frame <= position:
            position, opened, video = -1, job.image, video_frames(job.image)
        picture = next(islice(video, job.frame - position - 1, None), None)
        if picture is None:
            raise DataError(f"{job.image} ends before frame {job.frame}")
        position = job.frame
        yield job.time_s, picture
