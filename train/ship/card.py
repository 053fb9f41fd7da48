"""The model card: what the manifest says and what was measured on other people, as one page."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pain.bundle import Bundle, load_bundle
from train.ship.run import RECORD_NAME
from train.ship.steps import BUNDLE, EVALUATION, Plan, Step

CARD_NAME: Final = "card.md"


def write_card(plan: Plan, steps: Sequence[Step]) -> Path:
    """Write the card of a finished run.

    Raises:
        BundleError: the bundle is absent or damaged.
    """
    bundle = load_bundle(plan.out / BUNDLE)
    lines = [*_head(bundle), *_figures(plan, bundle), *_made(plan, steps)]
    path = plan.out / CARD_NAME
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _head(bundle: Bundle) -> Iterator[str]:
    training, parity = bundle.training, bundle.parity
    yield f"# {bundle.name} {bundle.version}"
    yield ""
    yield bundle.intended_use
    yield ""
    yield bundle.limits
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, text in (
        ("takes", ", ".join(bundle.inputs)),
        ("network", training.backbone),
        ("task", training.task),
        ("loss", training.loss),
        ("learnt from", training.data),
        ("licence of the data", training.data_licence),
        ("split", training.split_protocol),
        ("SHA-256", f"`{bundle.bundle_sha256}`"),
        (
            "graph against checkpoint",
            f"level within {parity.max_level_difference:.1e} on {parity.inputs} tracked faces",
        ),
    ):
        yield f"| {name} | {text} |"
    yield ""


def _figures(plan: Plan, bundle: Bundle) -> Iterator[str]:
    yield "## Figures on people that were not learnt from"
    yield ""
    yield "| set | origin | metric | of | value (95 % interval by person) | faces | people |"
    yield "|---|---|---|---|---|---|---|"
    path = plan.out / EVALUATION / "evaluation.csv"
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["sha256"] == bundle.bundle_sha256 and row["subset"] == "all":
                interval = f" ({row['low_95']} to {row['high_95']})" * bool(row["low_95"])
                yield (
                    f"| {row['set']} | {row['origin']} | {row['metric']} | {row['subset']} | "
                    f"{row['value']}{interval} | {row['faces']} | {row['people']} |"
                )
    yield ""
    yield f"All figures, groups and pictures: [evaluation]({EVALUATION}/evaluation.md)."
    yield ""


def _made(plan: Plan, steps: Sequence[Step]) -> Iterator[str]:
    yield "## How it was made"
    yield ""
    for step in steps:
        yield f"    painwatch {' '.join(_portable(word, plan) for word in step.words)}"
    yield ""
    yield f"Durations: `{RECORD_NAME}`."


def _portable(word: str, plan: Plan) -> str:
    """Folders by name, since paths are this machine's own."""
    path = Path(word)
    if not path.is_absolute():
        return word
    if path == plan.cache:
        return "CACHE"
    return f"OUT/{path.relative_to(plan.out)}" if path.is_relative_to(plan.out) else path.name
