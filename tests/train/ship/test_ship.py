"""The whole way, with the real commands, on a tiny set.

Here they run in this process, since six of them take a minute to start otherwise; that a command is
run in a process of its own is shown by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from export.cli import app as export_app
from pain.bundle import load_bundle
from tests.train.protocol.toy import toy
from train.cli import app
from train.ship.run import painwatch

ROOMS = {"train": app, "export": export_app}


def here(words: Sequence[str]) -> int:
    room, *rest = words
    result = CliRunner().invoke(ROOMS[room], rest)
    print(result.output)  # noqa: T201
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code


def test_a_command_runs_in_a_process_of_its_own_and_its_exit_code_counts() -> None:
    assert painwatch(["--version"]) == 0
    assert painwatch(["--nonsense"]) == 2


@pytest.mark.slow
def test_from_pictures_to_a_bundle_and_its_card_and_no_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.ship.run.painwatch", here)
    made = toy(tmp_path / "ours", people=12, per_person=6, crops=True)
    others = toy(
        tmp_path / "theirs", people=8, per_person=4, seed=1, crops=True, town="t-", cache=made.cache
    )
    tested = others.data.rename(tmp_path / "others")
    config = tmp_path / "tiny.yaml"
    config.write_text(
        "name: tiny\ntask: ordinal\nbackbone: {name: landmarks}\noptimiser: {epochs: 3}\n"
        "engine: {accelerator: cpu, threads: 1}\n"
    )
    words = ["ship", str(config), *made.places, "--test", str(tested)]
    words += ["--out", str(tmp_path / "out"), "--version", "0.1.0"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    bundle = load_bundle(tmp_path / "out" / "bundle")
    assert (bundle.name, bundle.version) == ("tiny", "0.1.0")
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert card.startswith("# tiny 0.1.0")
    assert "level_mae" in card
    assert bundle.bundle_sha256 in card
    assert "painwatch train fit tiny.yaml --data data --cache CACHE --out OUT/model" in card
    assert str(tmp_path) not in card
    assert len(json.loads((tmp_path / "out" / "ship.json").read_text())) == 6
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 0
    assert again.output.count("done before") == 6
