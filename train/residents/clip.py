"""Films a resident in bed after a storyboard, with the truth of every frame beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.errors import AssetError
from train.residents.expression import NEUTRAL
from train.residents.figure import Figure
from train.residents.film import Picture, to_display
from train.residents.parts import Part
from train.residents.render import Crop
from train.residents.room import furnished_room
from train.residents.storyboard import Storyboard
from train.residents.studio import Studio
from train.residents.view import Camera, Lights, lamp

FloatArray = npt.NDArray[np.float32]

_HEAD_AT: Final = np.array([0.0, 0.735, 0.131], dtype=np.float32)
"""Where the bed expects the point between the eyes (metres)."""

_TRUNK_HALF_WIDTH_M: Final = 0.34
_MOVING: Final = Crop(x=320, y=110, width=560, height=420)
"""What can change in a 1280 x 720 frame; the rest is drawn once."""

_MARGIN_PX: Final = 16
_SHADOWS_M: Final = 0.8
_BRIGHTNESS: Final = 0.5
_NIGHTGOWN: Final = (0.74, 0.76, 0.84)
_NIGHTGOWN_DROP_M: Final = 0.03

_CAMERA: Final = Camera(
    target=np.array([0.06, 0.60, 0.05], dtype=np.float32),
    azimuth_deg=-6.0,
    elevation_deg=12.0,
    roll_deg=0.0,
    distance_m=2.9,
    height_m=1.0,
)
_LIGHTS: Final = Lights(
    lamps=(
        lamp(azimuth_deg=-48.0, elevation_deg=34.0, strength=1.5, colour=(1.0, 0.98, 0.95)),
        lamp(azimuth_deg=50.0, elevation_deg=35.0, strength=0.5, colour=(1.0, 0.9, 0.75)),
    ),
    ambient=(0.62, 0.62, 0.64),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """What to film.

    Attributes:
        seed: data set seed of the person; take one that no model was trained on.
        index: the person.
        fps: frames a second.
        size: width and height in pixels.
    """

    seed: int
    index: int
    fps: int = 25

    size: tuple[int, int] = (1280, 720)


def make_clip(
    spec: ClipSpec,
    story: Storyboard,
    video: Path,
    *,
    assets: Path | None = None,
    on_frame: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Film a story as H.264 in MP4 and write its truth as JSON beside it.

    Args:
        spec: person and frame rate.
        story: what happens.
        video: the ``.mp4``; the truth goes to the same name with ``.json``.
        assets: folder of the MakeHuman package; the cache when None.
        on_frame: told how many frames of how many are done.

    Returns:
        Path of the truth.

    Raises:
        AssetError: assets are absent, or the encoder is.
    """
    total = frame_count(spec, story)
    with Studio(assets) as studio:
        frames = _frames(studio, spec, story, total)
        _encode(frames, spec, video, lambda done: on_frame(done, total))
        subject = studio.resident(seed=spec.seed, index=spec.index).subject
    truth = video.with_suffix(".json")
    truth.write_text(truth_json(spec, story, subject), encoding="utf-8")
    return truth


def frame_count(spec: ClipSpec, story: Storyboard) -> int:
    """Number of frames of a story."""
    return round(story.duration_s * spec.fps)


def _frames(studio: Studio, spec: ClipSpec, story: Storyboard, total: int) -> Iterator[Picture]:
    """Frames of the story: the room is drawn once, with the shadow of the resting person."""
    resident = studio.resident(seed=spec.seed, index=spec.index)
    figure = studio.figure(replace(resident, garment=_NIGHTGOWN, neckline=_NIGHTGOWN_DROP_M))
    room = furnished_room(np.random.default_rng([spec.seed, 6]))
    view: dict[str, Any] = {
        "camera": _CAMERA,
        "lights": _LIGHTS,
        "size": spec.size,
        "shadow_half_width_m": _SHADOWS_M,
    }
    empty = studio.renderer.draw(
        [*room.bedding, *room.furniture],
        unseen=_in_bed(figure, figure.parts(NEUTRAL)),
        **view,
    ).colour
    inner = np.s_[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX]
    top, left = _MOVING.y + _MARGIN_PX, _MOVING.x + _MARGIN_PX
    for number in range(total):
        time_s = number / spec.fps
        parts = figure.parts(
            story.expression_at(time_s),
            pose=story.pose_at(time_s),
            breath=story.breath_at(time_s),
        )
        layer = studio.renderer.draw([*_in_bed(figure, parts), *room.bedding], crop=_MOVING, **view)
        colour, alpha = layer.colour[inner], layer.alpha[inner][..., None]
        light = empty.copy()
        patch = light[top : top + colour.shape[0], left : left + colour.shape[1]]
        patch *= 1.0 - alpha
        patch += colour
        yield np.asarray(to_display(light * _BRIGHTNESS) * 255.0 + 0.5, dtype=np.uint8)


def _in_bed(figure: Figure, parts: list[Part]) -> list[Part]:
    """Move a figure so that its eyes are where the bed expects them, without its forearms."""
    shift = _HEAD_AT - figure.eye_centre
    body, *rest = parts
    reach = np.abs(body.positions[body.faces][:, :, 0]).max(axis=1)
    trunk = replace(body, faces=body.faces[reach < _TRUNK_HALF_WIDTH_M])
    return [replace(part, positions=part.positions + shift) for part in (trunk, *rest)]


def _encode(
    frames: Iterator[Picture], spec: ClipSpec, video: Path, on_frame: Callable[[int], None]
) -> None:
    import av

    video.parent.mkdir(parents=True, exist_ok=True)
    try:
        with av.open(str(video), "w", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=spec.fps)
            stream.width, stream.height = spec.size
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": "23", "preset": "slow", "threads": "1"}
            for done, picture in enumerate(frames, start=1):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(stream.encode(frame))
                on_frame(done)
            container.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise AssetError(f"{video} cannot be encoded: {error}") from error


def truth_json(spec: ClipSpec, story: Storyboard, subject: str) -> str:
    """Truth of a clip as JSON: scenes, and expression, level and PSPI of every frame."""
    total = frame_count(spec, story)
    faces = [story.expression_at(number / spec.fps) for number in range(total)]
    truth: dict[str, Any] = {
        "subject": subject,
        "synthetic": True,
        "fps": spec.fps,
        "frames": total,
        "duration_s": story.duration_s,
        "segments": [asdict(segment) for segment in story.segments],
        "expression": [face.name for face in faces],
        "level": [round(face.level, 3) for face in faces],
        "pspi": [round(face.pspi, 3) for face in faces],
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in truth.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
