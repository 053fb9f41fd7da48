"""The console shows what went back to float and the costliest; the file shows everything."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from rich.console import Console

from export.quantise.layers import Layer
from export.quantise.report import costs_table, write_report
from export.quantise.search import Cost, Found, Trial
from export.quantise.target import Method
from tests.export.verify.test_compare import comparison

LAYERS = tuple(Layer(name=f"layer-{number:02d}", operator="Conv") for number in range(12))


def found(*kept: int, layers: int = len(LAYERS)) -> Found:
    trial = Trial(
        method=Method.MINMAX,
        kept_float=tuple(LAYERS[number] for number in kept),
        comparison=comparison(),
    )
    costs = tuple(
        Cost(layer=layer, levels=1.0 / (at + 1), burden=1.0 / (at + 1))
        for at, layer in enumerate(LAYERS)
    )
    return Found(graph=b"", trials=(trial,), costs=costs[:layers])


def printed(result: Found) -> str:
    console = Console(width=120)
    with console.capture() as caught:
        console.print(costs_table(result))
    return " ".join(caught.get().split())


@pytest.mark.parametrize(
    ("kept", "shown"),
    [((), range(5)), ((0, 1), range(5)), (tuple(range(7)), range(7)), ((0, 9), [*range(5), 9])],
)
def test_the_console_shows_the_costliest_and_those_in_float(
    kept: tuple[int, ...], shown: list[int]
) -> None:
    said = printed(found(*kept))
    names = [layer.name for layer in LAYERS if layer.name in said]
    assert names == [LAYERS[number].name for number in shown]
    assert said.count("float") == len(kept)
    assert f"{len(names)} of 12 layers; --report FILE.csv has all" in said


def test_where_all_are_shown_no_file_is_named() -> None:
    assert "--report" not in printed(found(layers=4))


def test_the_file_has_every_layer(tmp_path: Path) -> None:
    path = tmp_path / "new" / "quantisation.csv"
    write_report(path, found(0, 9))
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["layer"] for row in rows] == [layer.name for layer in LAYERS]
    assert [at for at, row in enumerate(rows) if row["precision"] == "fp32"] == [0, 9]
    assert rows[1]["cost_levels"] == "0.500000"
