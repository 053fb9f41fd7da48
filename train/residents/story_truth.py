"""The truth of a clip: what the face does in every frame, and how the clip was filmed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pain.action_units import ActionUnit
from train.residents.identity import Resident
from train.residents.scene import Scene
from train.residents.story import Course, Story


def frame_count(fps: int, story: Course) -> int:
    """Number of frames of a story."""
    return round(story.duration_s * fps)


def story_truth(story: Course, *, fps: int, subject: str) -> dict[str, Any]:
    """Scenes, and expression, level and PSPI of every frame.

    Args:
        story: what happens.
        fps: frames a second.
        subject: the person.
    """
    total = frame_count(fps, story)
    faces = [story.expression_at(number / fps) for number in range(total)]
    return {
        "subject": subject,
        "synthetic": True,
        "fps": fps,
        "frames": total,
        "duration_s": story.duration_s,
        "segments": [asdict(segment) for segment in story.segments],
        "expression": [face.name for face in faces],
        "level": [round(face.level, 3) for face in faces],
        "pspi": [round(face.pspi, 3) for face in faces],
    }


def full_truth(story: Story, scene: Scene, resident: Resident, *, fps: int) -> dict[str, Any]:
    """The truth of a random story: also units, blinks and pose of every frame, person and scene.

    Intensities are rounded to 0.01 and angles to 0.1 degrees, which keeps three minutes at 25
    frames a second below 1 MB.

    Args:
        story: what happens.
        scene: how it is filmed.
        resident: the person.
        fps: frames a second.
    """
    truth = story_truth(story, fps=fps, subject=resident.subject)
    times = [number / fps for number in range(truth["frames"])]
    faces = [story.expression_at(time_s) for time_s in times]
    poses = [scene.seen_pose(story.pose_at(time_s)) for time_s in times]
    camera = scene.camera
    return truth | {
        "level": [round(face.level, 2) for face in faces],
        "pspi": [round(face.pspi, 2) for face in faces],
        "kind": [face.kind.value for face in faces],
        "units": {
            unit.value: [round(face.units.get(unit, 0.0), 2) for face in faces]
            for unit in ActionUnit
        },
        "blink": [round(story.lids_at(time_s), 2) for time_s in times],
        "yaw_deg": [round(pose.yaw_deg, 1) for pose in poses],
        "pitch_deg": [round(pose.pitch_deg, 1) for pose in poses],
        "roll_deg": [round(pose.roll_deg, 1) for pose in poses],
        "person": {
            "sex": resident.sex,
            "ancestry": resident.ancestry,
            "age_years": resident.age_years,
        },
        "traits": asdict(scene.traits),
        "dress": list(scene.dress.names),
        "light": scene.light.value,
        "camera": {
            "place": scene.place.value,
            "azimuth_deg": round(camera.azimuth_deg, 2),
            "elevation_deg": round(camera.elevation_deg, 2),
            "roll_deg": round(camera.roll_deg, 2),
            "distance_m": round(camera.distance_m, 3),
            "height_m": round(camera.height_m, 3),
        },
    }


def as_json(truth: dict[str, Any]) -> str:
    """One line a key, as the shipped clip's truth has it."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in truth.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def as_compact_json(truth: dict[str, Any]) -> str:
    """One line a key, without spaces in it."""
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
        for key, value in truth.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"
