"""Figures as CSV rows, and as a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from export.evaluate import figures as names
from export.evaluate.figures import ALL, HARD, NO_PAIN, WORST, Scored
from export.evaluate.held_out import HeldOut
from export.evaluate.readers import Reading
from pain.provenance import provenance
from train.study.table import Row

_SUMMARY: Final = (
    ("PSPI MAE", names.PSPI_MAE, ALL),
    ("PSPI PCC", names.PSPI_PCC, ALL),
    ("level MAE", names.LEVEL_MAE, ALL),
    ("level PCC", names.LEVEL_PCC, ALL),
    ("AUROC level >= 3 against hard negatives", names.AUROC_MODERATE, HARD),
    ("AUROC level >= 3 against neutral", names.AUROC_MODERATE, NO_PAIN),
    ("AUROC any pain against hard negatives", names.AUROC_ANY, HARD),
    ("AUROC any pain against neutral", names.AUROC_ANY, NO_PAIN),
    ("hard negatives read as level 3 or more", names.ABOVE_MODERATE, HARD),
    ("hard negatives read as level 5 or more", names.ABOVE_SEVERE, HARD),
)

_DETAILS: Final = (
    ("Pain of level 3 and more told from each expression, AUROC", names.AUROC_MODERATE),
    ("Any pain told from each expression, AUROC", names.AUROC_ANY),
    ("Share of each expression read as level 3 or more", names.ABOVE_MODERATE),
    ("Share of each expression read as level 5 or more", names.ABOVE_SEVERE),
    ("Action units, Pearson's r", names.UNIT_PCC),
    ("Error of the level in every group, levels", names.GROUP_MAE),
    ("Largest gap of every trait, levels", names.GROUP_GAP),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """One reader on one set.

    Attributes:
        reading: what was said.
        faces: of whom.
        figures: what it is worth.
    """

    reading: Reading
    faces: HeldOut
    figures: tuple[Scored, ...]

    def find(self, metric: str, subset: str) -> Scored | None:
        """One of the figures; None where the faces do not define it."""
        pairs = ((scored.metric, scored.subset) for scored in self.figures)
        return next(
            (s for s, pair in zip(self.figures, pairs, strict=True) if pair == (metric, subset)),
            None,
        )

    def worst(self, metric: str) -> Scored | None:
        """The figure of the worst subset."""
        return next(
            (s for s in self.figures if s.metric == metric and s.subset.startswith(WORST)), None
        )


def rows_of(judged: Sequence[Judged]) -> list[Row]:
    """One row per figure, and one per reason why samples have no face."""
    rows: list[Row] = []
    for one in judged:
        about = {
            "bundle": one.reading.reader,
            "sha256": one.reading.sha256,
            "set": one.faces.name,
            "origin": one.faces.origin.value,
        }
        rows += [
            {
                **about,
                "metric": scored.metric,
                "subset": scored.subset,
                "value": scored.estimate.value,
                "low_95": scored.estimate.low,
                "high_95": scored.estimate.high,
                "faces": scored.estimate.samples,
                "people": scored.estimate.people,
            }
            for scored in one.figures
        ]
        rows += [
            {
                **about,
                "metric": "samples_without_face",
                "subset": reason.value,
                "value": count,
                "low_95": "",
                "high_95": "",
                "faces": 0,
                "people": "",
            }
            for reason, count in one.faces.missed.items()
        ]
    return rows


def write_page(path: Path, judged: Sequence[Judged], *, checked: Sequence[Path]) -> None:
    """Write a Markdown page: a summary per set, then every group and expression.

    Args:
        path: the file; its folder exists.
        judged: every reader on every set, the sets one after the other.
        checked: training sets whose people were compared with those of the test.
    """
    stamp = provenance()
    lines = [
        "# Figures on held-out people",
        "",
        f"Commit {stamp['commit']}, {stamp['date']}, {stamp['device']}.",
        "Brackets: 95 % interval, bootstrap over people.",
        "The tracker is in the loop: only faces that it found are read.",
        "",
        _checked(checked),
    ]
    for name in dict.fromkeys(one.faces.name for one in judged):
        lines += _section([one for one in judged if one.faces.name == name])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _checked(checked: Sequence[Path]) -> str:
    if not checked:
        return (
            "**The people of the test were not compared with those of the training** (no "
            "--trained-on); only the names of the sets were."
        )
    listed = ", ".join(path.name for path in checked)
    return f"Nobody of the test is in a set of the training: {listed}."


def _section(judged: Sequence[Judged]) -> list[str]:
    faces = judged[0].faces
    missed = ", ".join(f"{count} {reason.value}" for reason, count in faces.missed.items())
    lines = [
        "",
        f"## {faces.name} ({faces.origin.value})",
        "",
        f"{len(faces)} {faces.origin.value} faces of {faces.people} people;",
        f"without a face and in no figure: {missed or 'none'}.",
        "",
        *_head(["", *(one.reading.reader for one in judged)]),
    ]
    for title, metric, subset in _SUMMARY:
        cells = [_cell(one.find(metric, subset)) for one in judged]
        lines.append(_line([title, *cells]))
    for title, metric in (
        ("worst expression, AUROC level >= 3", names.AUROC_MODERATE),
        ("worst gap of level MAE between groups", names.GROUP_GAP),
    ):
        worst = [one.worst(metric) for one in judged]
        cells = [
            f"{_cell(scored)} {scored.subset.removeprefix(WORST)}" if scored else ""
            for scored in worst
        ]
        lines.append(_line([title, *cells]))
    for title, metric in _DETAILS:
        lines += _detail(title, metric, judged)
    return lines


def _detail(title: str, metric: str, judged: Sequence[Judged]) -> list[str]:
    subsets = dict.fromkeys(
        scored.subset
        for one in judged
        for scored in one.figures
        if scored.metric == metric and not scored.subset.startswith(WORST)
    )
    if not subsets:
        return []
    lines = ["", f"### {title}", "", *_head(["", *(one.reading.reader for one in judged)])]
    lines += [
        _line([subset, *(_cell(one.find(metric, subset)) for one in judged)]) for subset in subsets
    ]
    return lines


def _head(cells: Sequence[str]) -> list[str]:
    return [_line(cells), "|" + "---|" * len(cells)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(scored: Scored | None) -> str:
    if scored is None:
        return ""
    found = scored.estimate
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
