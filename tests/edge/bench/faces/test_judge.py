from __future__ import annotations

import numpy as np
import pytest

from edge.bench.faces.judge import Reader, Subject, rows, worst_expression
from edge.bench.faces.labels import Label


def crowd() -> tuple[list[Subject], np.ndarray]:
    """Ten grimaces that read 4, ten smiles that read 5 or are refused, ten neutral that read 0."""
    kinds = [("grimace", True, 4.0), ("smile", False, 5.0), ("neutral", False, 0.0)]
    faces = [
        (
            Subject(
                name=f"{word}{number}",
                label=Label(pain=pain, expression=word, age="65" if number else "30"),
                refused="blurred" if word == "smile" and number < 3 else "",
            ),
            np.nan if word == "smile" and number < 3 else level,
        )
        for word, pain, level in kinds
        for number in range(10)
    ]
    return [subject for subject, _ in faces], np.array([level for _, level in faces])


@pytest.fixture
def table() -> dict[tuple[object, object], dict[str, object]]:
    subjects, levels = crowd()
    found = rows(subjects, [Reader(name="x", values=levels, sha256="a" * 64)], on="crowd")
    return {(row["by"], row["group"]): dict(row) for row in found}


def test_who_is_refused_is_counted_by_reason_and_has_no_level(table):
    whole = table["all", "all"]
    assert (whole["faces"], whole["found"], whole["refused"]) == (30, 27, "blurred 3")
    assert whole["at_3"] == pytest.approx(17 / 27)
    assert whole["at_5"] == pytest.approx(7 / 27)


def test_each_expression_is_judged_against_every_pain_like_face(table):
    assert table["expression", "smile"]["auroc"] == 0.0
    assert table["expression", "neutral"]["auroc"] == 1.0
    assert table["expression", "grimace"]["auroc"] is None
    assert table["all", "all"]["auroc"] == pytest.approx(10 / 17)


def test_the_old_are_a_group_of_their_own(table):
    assert table["age", "60 and more"]["faces"] == 27
    assert table["age", "20-39"]["faces"] == 3
    assert table["age", "20-39"]["auroc"] is None  # one pain-like face says nothing


def test_the_worst_expression_is_named():
    subjects, levels = crowd()
    found = rows(subjects, [Reader(name="x", values=levels)], on="crowd")
    worst = worst_expression(found, "x")
    assert worst is not None
    assert worst["group"] == "smile"
    assert worst_expression(found, "y") is None


def test_what_is_no_level_has_an_order_and_no_shares():
    subjects, levels = crowd()
    (whole, *_) = rows(subjects, [Reader(name="x", values=levels, is_level=False)], on="crowd")
    assert whole["at_3"] is whole["level"] is None
    assert whole["auroc"] == pytest.approx(10 / 17)


def test_faces_nobody_labelled_are_still_counted():
    subjects = [Subject(name=str(number), label=Label()) for number in range(4)]
    found = rows(subjects, [Reader(name="x", values=np.full(4, 3.5))], on="crowd")
    assert [(row["by"], row["at_3"]) for row in found] == [("all", 1.0)]
