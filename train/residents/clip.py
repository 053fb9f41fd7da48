"""Films a resident after a story, with the truth of every frame beside the video."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.errors import AssetError, DataError, InternalError
from train.pool import join_pool
from train.residents.assets import verified_assets
from train.residents.bake import ensure_head
from train.residents.care_room import Light
from train.residents.film import Picture
from train.residents.identity import Resident
from train.residents.scene import Scene, demo_scene, draw_scene
from train.residents.scene_stage import Grain, Stage
from train.residents.sitting import Style
from train.residents.story import Course, Story
from train.residents.story_plot import draw_story
from train.residents.story_truth import (
    as_compact_json,
    as_json,
    frame_count,
    full_truth,
    story_truth,
)
from train.residents.storyboard import DEMO
from train.residents.studio import Studio

_CHUNK_FRAMES: Final = 25
_DEMO_CRF: Final = 23
_SMALLEST_PX: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """What to film.

    Attributes:
        seed: data set seed of the person; take one that no model was trained on.
        index: the person.
        fps: frames a second.
        size: width and height in pixels, even.
        style: ``v0`` is the demo's bed and camera, ``full`` draws dress, traits, place and light.
        random_s: length of a random story, None for the demo's story.
        light: what lights a scene of style ``full``, drawn when None.
    """

    seed: int
    index: int
    fps: int = 25

    size: tuple[int, int] = (1280, 720)
    style: Style = Style.V0
    random_s: float | None = None
    light: Light | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shooting:
    """A clip that is planned in full: the same spec gives the same."""

    spec: ClipSpec
    resident: Resident
    scene: Scene
    story: Course

    @property
    def frames(self) -> int:
        """Number of frames."""
        return frame_count(self.spec.fps, self.story)

    @property
    def truth(self) -> str:
        """JSON; that of the demo's story is the shipped clip's, byte by byte."""
        if isinstance(self.story, Story):
            return as_compact_json(
                full_truth(self.story, self.scene, self.resident, fps=self.spec.fps)
            )
        subject = self.resident.subject
        return as_json(story_truth(self.story, fps=self.spec.fps, subject=subject))


def plan_clip(studio: Studio, spec: ClipSpec) -> Shooting:
    """Person, scene and story of a spec."""
    resident = studio.resident(seed=spec.seed, index=spec.index)
    scene = demo_scene(spec.seed)
    if spec.style is Style.FULL:
        rng = np.random.default_rng([spec.seed, spec.index, 9])
        scene = draw_scene(resident, rng, light=spec.light)
    story: Course = DEMO
    if spec.random_s is not None:
        rng = np.random.default_rng([spec.seed, spec.index, 10])
        story = draw_story(rng, duration_s=spec.random_s, traits=scene.traits)
    return Shooting(spec=spec, resident=resident, scene=scene, story=story)


def make_clip(
    spec: ClipSpec,
    video: Path,
    *,
    assets: Path | None = None,
    workers: int = 1,
    on_frame: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Film a clip as H.264 in MP4 and write its truth as JSON beside it.

    Neither file appears under its name before both are complete.

    Args:
        spec: person, scene and story.
        video: the ``.mp4``; the truth goes to the same name with ``.json``.
        assets: folder of the MakeHuman package; the cache when None.
        workers: processes that render; the bytes are the same with any number.
        on_frame: told how many frames of how many are done.

    Returns:
        Path of the truth.

    Raises:
        AssetError: assets are absent, or the encoder is.
        DataError: nothing can be filmed so.
        InternalError: a rendering process died.
    """
    _refuse_impossible(spec)
    ensure_head(verified_assets(assets))
    truth = video.with_suffix(".json")
    video.parent.mkdir(parents=True, exist_ok=True)
    video_part, truth_part = (path.with_name(f"{path.name}.part") for path in (video, truth))
    try:
        with Studio(assets) as studio:
            shooting = plan_clip(studio, spec)
            total = shooting.frames
            frames = filmed(studio, shooting, assets=assets, workers=workers)
            _encode(frames, shooting, video_part, lambda done: on_frame(done, total))
        truth_part.write_text(shooting.truth, encoding="utf-8")
        video_part.replace(video)
        truth_part.replace(truth)
    finally:
        video_part.unlink(missing_ok=True)
        truth_part.unlink(missing_ok=True)
    return truth


def _refuse_impossible(spec: ClipSpec) -> None:
    width, height = spec.size
    if width % 2 or height % 2 or min(spec.size) < _SMALLEST_PX:
        raise DataError(
            f"a video of {width} x {height} cannot be made: both sides must be even and "
            f"{_SMALLEST_PX} or more"
        )
    if spec.style is Style.UNSEEN:
        raise DataError("style unseen has pictures alone: film with --style full or v0")
    if spec.random_s is None and spec.style is Style.FULL:
        raise DataError("the demo's story belongs to style v0; style full films random stories")
    if spec.style is Style.V0 and spec.light:
        raise DataError("style v0 has the demo's light; --light belongs to style full")


def filmed(
    studio: Studio, shooting: Shooting, *, assets: Path | None = None, workers: int = 1
) -> Iterator[Picture]:
    """All frames in order, uint8 (H, W, 3).

    Args:
        studio: an open studio.
        shooting: the clip.
        assets: folder that worker processes read; the cache when None.
        workers: processes that render.
    """
    spec = shooting.spec
    stage = Stage(studio, shooting.resident, shooting.scene, spec.size)
    grain = Grain(shooting.scene.film, spec.size, shooting.scene.seed)
    patches = (
        _patches(stage, shooting, 0, shooting.frames)
        if workers == 1 or shooting.frames <= _CHUNK_FRAMES
        else _patches_of_workers(shooting, assets, workers)
    )
    for number, patch in enumerate(patches):
        picture = stage.background.copy()
        picture[stage.place] = patch
        yield grain.over(picture, number)


def _patches(stage: Stage, shooting: Shooting, start: int, stop: int) -> Iterator[Picture]:
    story = shooting.story
    for number in range(start, stop):
        time_s = number / shooting.spec.fps
        yield stage.patch(
            story.expression_at(time_s), story.pose_at(time_s), story.breath_at(time_s)
        )


def _patches_of_workers(shooting: Shooting, assets: Path | None, workers: int) -> Iterator[Picture]:
    starts = deque(range(0, shooting.frames, _CHUNK_FRAMES))
    waiting: deque[Future[npt.NDArray[np.uint8]]] = deque()
    with ProcessPoolExecutor(
        max_workers=workers,
        # A forked OpenGL context or a forked thread pool hangs.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_set_up,
        initargs=(shooting, assets),
    ) as pool:
        try:
            while starts or waiting:
                # A few chunks ahead: the patches of a whole clip would fill the memory.
                while starts and len(waiting) < 2 * workers:
                    waiting.append(pool.submit(_render_chunk, starts.popleft()))
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise InternalError(
                "a rendering process ended unexpectedly (out of memory?); try --workers 1"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_set: tuple[Stage, Shooting] | None = None


def _set_up(shooting: Shooting, assets: Path | None) -> None:
    join_pool()
    global _set  # noqa: PLW0603  (one stage a worker process; setting it up takes seconds)
    stage = Stage(Studio(assets), shooting.resident, shooting.scene, shooting.spec.size)
    _set = stage, shooting


def _render_chunk(start: int) -> npt.NDArray[np.uint8]:
    if _set is None:
        raise AssetError("a rendering process was not set up")
    stage, shooting = _set
    stop = min(start + _CHUNK_FRAMES, shooting.frames)
    return np.stack(list(_patches(stage, shooting, start, stop)))


def _encode(
    frames: Iterator[Picture], shooting: Shooting, video: Path, on_frame: Callable[[int], None]
) -> None:
    import av

    film = shooting.scene.film
    crf, preset = (film.crf, "veryfast") if film else (_DEMO_CRF, "slow")
    try:
        with av.open(
            str(video), "w", format="mp4", options={"movflags": "+faststart"}
        ) as container:
            stream = container.add_stream("libx264", rate=shooting.spec.fps)
            stream.width, stream.height = shooting.spec.size
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": str(crf), "preset": preset, "threads": "1"}
            for done, picture in enumerate(frames, start=1):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(stream.encode(frame))
                on_frame(done)
            container.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise AssetError(f"{video} cannot be encoded: {error}") from error
