"""Run folders as ``painwatch train crossval`` leaves them, with drawn predictions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from train.metrics import DataOrigin, Predictions, Split
from train.objectives.task import Task

PEOPLE, PER_PERSON, FOLDS = 30, 8, 5


def predictions(
    task: Task,
    *,
    run: str = "drawn",
    noise: float = 0.8,
    split: Split = Split.SUBJECT,
    origin: DataOrigin = DataOrigin.SYNTHETIC,
    seed: int = 0,
    groups_known: bool = True,
) -> Predictions:
    """Faces whose prediction is the truth and noise; women are predicted worse."""
    rng = np.random.default_rng(seed)
    count = PEOPLE * PER_PERSON
    person = np.repeat(np.arange(PEOPLE), PER_PERSON)
    negative = rng.random(count) < 0.25
    truth = np.where(negative, 0.0, rng.integers(0, 7, count)).astype(np.float64)
    sex = np.where(person % 2 == 0, "female", "male")
    height = rng.uniform(45, 200, count)
    spread = noise * (1 + 40 / height) * np.where(sex == "female", 1.3, 0.8)
    level = np.clip(truth + negative * 1.2 + rng.normal(0, 1, count) * spread, 0, 6)
    if task is Task.BINARY:
        pain = 1 / (1 + np.exp(-2.2 * (level - 1.0)))
        predicted, probabilities = pain, np.column_stack([1 - pain, pain])
    else:
        weights = np.exp(-((np.arange(7) - level[:, None]) ** 2))
        predicted, probabilities = level, weights / weights.sum(axis=1, keepdims=True)
    unknown, nobody = np.full(count, np.nan), np.full(count, "")
    return Predictions(
        task=task,
        run=run,
        split=split,
        origin=origin,
        source="drawn-faces",
        sample=np.array([f"s{k:04}" for k in range(count)]),
        subject=np.array([f"p{k:02}" for k in person]),
        fold=(person if split is Split.SUBJECT else np.arange(count)) % FOLDS,
        truth=truth,
        kind=np.where(negative, "other", np.where(truth > 0, "pain", "neutral")),
        expression=nobody,
        pspi=unknown,
        predicted=predicted,
        probabilities=probabilities,
        raw_level=unknown,
        age_years=unknown,
        age_band=np.where(person % 3 == 0, "80+", "65-79") if groups_known else nobody,
        sex=sex if groups_known else nobody,
        ancestry=nobody,
        skin_tone=nobody,
        yaw_deg=rng.normal(0, 18, count) if groups_known else unknown,
        pitch_deg=unknown,
        roll_deg=unknown,
        height_px=height if groups_known else unknown,
    )


def write_run(
    folder: Path,
    found: Predictions,
    *,
    backbone: str = "landmarks",
    loss: str | None = None,
    plumbing_only: bool = False,
    history: bool = True,
    **facts: object,
) -> Path:
    """One run's folder."""
    defaults = {
        Task.ORDINAL: "ordinal",
        Task.REGRESSION: "mae",
        Task.BINARY: "binary_cross_entropy",
    }
    folder.mkdir(parents=True)
    found.write(folder / "predictions.parquet")
    record = {
        "finished": True,
        "started": "2026-11-25T00:00:00+00:00",
        "name": found.run,
        "task": found.task,
        "backbone": backbone,
        "weights": "random" if plumbing_only else "official",
        "train": "frozen",
        "view": "aligned",
        "loss": loss or defaults[found.task],
        "seed": 0,
        "plumbing_only": plumbing_only,
        "data": found.source,
        "origin": found.origin,
        "data_sha256": "0" * 64,
        "split": found.split,
        "folds": FOLDS,
        "libraries": {"torch": "2.14.1"},
        "commit": "abc1234",
        "peak_memory_mb": 812.4,
        "duration_s": 93.2,
        **facts,
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    if history:
        rows = ["fold,epoch,train_loss,validation_loss,learning_rate"]
        rng = np.random.default_rng(1)
        for fold in range(FOLDS):
            for epoch in range(1, 15 + 3 * fold):
                train = 1.9 * np.exp(-epoch / 8) + 0.3
                valid = train + 0.15 + 0.012 * max(0, epoch - 12) ** 1.5 + rng.normal(0, 0.03)
                rows.append(f"{fold},{epoch},{train:.4f},{valid:.4f},0.001")
        (folder / "history.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
