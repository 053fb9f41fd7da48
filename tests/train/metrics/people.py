"""Predictions of made-up people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from train.metrics import DataOrigin, Predictions, Split
from train.objectives import Task


def predictions(
    *, people: int = 20, each: int = 10, task: Task = Task.ORDINAL, seed: int = 0, **other: Any
) -> Predictions:
    """People whose faces are predicted with some error, which has a part of the person's own."""
    rng = np.random.default_rng(seed)
    count = people * each
    person = np.repeat(np.arange(people), each)
    kind = np.array(["neutral", "pain", "other"])[np.arange(count) % 3]
    truth = np.where(kind == "pain", rng.integers(1, 7, count), 0).astype(float)
    noise = rng.normal(0.0, 0.8, people)[person] + rng.normal(0.0, 0.8, count)
    level = np.clip(truth + noise, 0.0, 6.0)
    shares = np.exp(-((np.arange(7) - level[:, None]) ** 2))
    shares /= shares.sum(axis=1, keepdims=True)
    predicted = shares @ np.arange(7)
    if task is Task.BINARY:
        pain = 1.0 / (1.0 + np.exp(1.5 - level))
        shares, predicted = np.column_stack([1.0 - pain, pain]), pain
    unknown = np.full(count, np.nan)
    made = Predictions(
        task=task,
        run="toy",
        split=Split.SUBJECT,
        origin=DataOrigin.SYNTHETIC,
        source="made up",
        sample=np.array([f"{i:05d}.png" for i in range(count)]),
        subject=np.array([f"p{who:03d}" for who in person]),
        fold=person % 5,
        truth=truth,
        kind=kind,
        expression=np.where(kind == "other", "smile", kind),
        pspi=2.0 * truth,
        predicted=predicted,
        probabilities=shares,
        raw_level=unknown,
        age_years=70.0 + person,
        age_band=np.where(person % 2 == 0, "65-79", "80+"),
        sex=np.where(person % 3 == 0, "female", "male"),
        ancestry=np.array([""] * count),
        skin_tone=np.array([""] * count),
        yaw_deg=np.linspace(-50.0, 50.0, count),
        pitch_deg=unknown,
        roll_deg=unknown,
        height_px=rng.uniform(50.0, 200.0, count),
    )
    return replace(made, **other) if other else made
