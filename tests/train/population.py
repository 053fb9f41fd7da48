"""A made-up population in plain numpy: landmarks that move with AUs, and differ by person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pain.action_units import ActionUnit


@dataclass(frozen=True)
class Population:
    """N faces.

    Attributes:
        landmarks: float32 (N, 478, 3), pose-normalised.
        level: float64 (N,), 0..6.
        person: str (N,).
        expression: str (N,), ``neutral``, ``pain`` or ``smile``.
        kind: str (N,), ``neutral``, ``pain`` or ``other``.
    """

    landmarks: np.ndarray
    level: np.ndarray
    person: np.ndarray
    expression: np.ndarray
    kind: np.ndarray


def population(*, people: int = 30, per_person: int = 8, seed: int = 0) -> Population:
    """Faces whose landmarks are person + expression + noise, linear in the true units.

    Pain drives the first five units and the level; other expressions drive the sixth alone.
    """
    rng = np.random.default_rng(seed)
    # The anatomy is the same for every seed; people and expressions are not.
    anatomy = np.random.default_rng(99)
    resting = _two_sided(anatomy.normal(0.0, 0.5, (239, 3)))
    directions = _two_sided(anatomy.normal(0.0, 0.004, (len(ActionUnit), 239, 3)))
    looks = _two_sided(anatomy.normal(0.0, 0.01, (6, 239, 3)))
    landmarks, level, person, expression, kind = [], [], [], [], []
    for index in range(people):
        own = resting + np.tensordot(rng.normal(0.0, 0.4, 6), looks, 1)
        for shot in range(per_person):
            what = ("neutral", "pain", "smile", "pain")[shot % 4]
            drive = rng.uniform(0.0, 6.0) if what == "pain" else 0.0
            active = np.zeros(len(ActionUnit))
            active[:5] = min(drive * 5 / 6, 5.0)
            active[5] = rng.uniform(2.0, 5.0) if what == "smile" else 0.0
            noise = rng.normal(0.0, 0.002, (478, 3))
            landmarks.append(own + np.tensordot(active, directions, 1) + noise)
            level.append(drive)
            person.append(f"p{index:03d}")
            expression.append(what)
            kind.append({"smile": "other"}.get(what, what))
    return Population(
        landmarks=np.array(landmarks, np.float32),
        level=np.array(level),
        person=np.array(person),
        expression=np.array(expression),
        kind=np.array(kind),
    )


def _two_sided(half: np.ndarray) -> np.ndarray:
    """A left half and its mirror image; landmark i belongs to landmark i + 239."""
    return np.concatenate([half, half * (-1.0, 1.0, 1.0)], axis=-2)
