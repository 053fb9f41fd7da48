"""``painwatch station export`` as a person meets it."""

from __future__ import annotations

import json
import os
import stat

import pytest
from sqlalchemy import select

from pain.errors import PainwatchError, StorageError, UsageError
from station.share.files import write_whole
from station.store.engine import FILE_NAME
from station.store.tables import AuditRow
from tests.station.share.ward import Ward, fill

KINDS = [("fhir",), ("csv", "minutes"), ("csv", "events"), ("feedback",)]


def refused(ward: Ward, *arguments: str) -> PainwatchError:
    error = ward.export(*arguments).exception
    assert isinstance(error, PainwatchError), error
    assert error.exit_code == 2
    return error


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_written_for_its_owner_alone_and_audited(ward, tmp_path, kind):
    fill(ward)
    out = tmp_path / "out"
    before = os.umask(0)
    try:
        said = ward.export(*kind, "--out", str(out))
    finally:
        os.umask(before)
    assert said.exit_code == 0, said.output
    assert str(out) in said.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert out.stat().st_size > 100
    with ward.engine.connect() as connection:
        query = select(AuditRow).where(AuditRow.action == "exported")
        (line,) = connection.execute(query).all()
    assert line.person.startswith("cli:")
    assert json.loads(line.detail)["target"] == str(out)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_there_is_kept_unless_somebody_forces_it(ward, tmp_path, kind):
    fill(ward)
    out = tmp_path / "out"
    out.write_text("mine")
    assert "--force" in str(refused(ward, *kind, "--out", str(out)))
    assert out.read_text() == "mine"
    assert ward.export(*kind, "--out", str(out), "--force").exit_code == 0
    assert out.read_text() != "mine"


def test_what_fails_half_way_leaves_nothing(tmp_path):
    out = tmp_path / "out"
    out.write_text("mine")

    def pieces():
        yield "half"
        raise StorageError("the disk is away")

    with pytest.raises(StorageError):
        write_whole(out, pieces())
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert out.read_text() == "mine"


def test_one_room_of_some_days_is_chosen(ward, tmp_path):
    fill(ward)
    for arguments, count in (
        (("--room", "room-14"), 1),
        (("--room", "elm-court/room-12"), 3),
        (("--until", "2024-03-08"), 4),
        ((), 4),
    ):
        said = ward.export("csv", "minutes", "--out", str(tmp_path / "out"), "--force", *arguments)
        assert f"{count} minutes" in said.output


def test_a_room_has_its_name_and_its_resident_in_fhir(ward, tmp_path):
    fill(ward)
    out = tmp_path / "out.json"
    resident = "room-12=https://fhir.example/r4/Patient/a-1"
    said = ward.export(
        "fhir", "--out", str(out), "--patient", resident, "--base", "https://home.example/"
    )
    assert said.exit_code == 0, said.output
    entries = [entry["resource"] for entry in json.loads(out.read_text())["entry"]]
    names = [one["name"] for one in entries if one["resourceType"] == "Location"]
    assert names == ["Rose room", "room-14"]
    assert entries[0]["url"] == "https://home.example/CodeSystem/painwatch"
    assert "https://fhir.example/r4/Patient/a-1" in out.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fhir",), "--out FILE or --post URL"),
        (("fhir", "--out", "x", "--post", "https://fhir.example"), "one of them"),
        (("fhir", "--out", "/absent/x"), "no folder"),
        (("fhir", "--out", "/"), "is a folder"),
        (("csv", "notes", "--out", "x", "--room", "room-99"), "elm-court/room-12"),
        (("csv", "notes", "--out", "x", "--until", "2024-03-05"), "first day left out"),
        (("feedback", "--out", "x", "--until", "2024-03-04"), "nothing lies between"),
        (("fhir", "--out", "x", "--patient", "room-12"), "ROOM=Patient/ID"),
        (("fhir", "--out", "x", "--patient", "room-12=Person/1"), "ROOM=Patient/ID"),
        (("fhir", "--out", "x", "--patient", "room-99=Patient/1"), "room-99"),
        (
            ("fhir", "--out", "x", *("--patient", "room-12=Patient/1") * 2),
            "another resident already",
        ),
        (("fhir", "--out", "x", "--base", "home"), "URL or a URN"),
        (("fhir", "--post", "http://fhir.example"), "--plaintext"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(ward, tmp_path, monkeypatch, arguments, words):
    fill(ward)
    monkeypatch.chdir(tmp_path)
    assert words in str(refused(ward, *arguments))
    assert not (tmp_path / "x").exists()


def test_a_day_that_is_none_is_a_mistake(ward):
    said = ward.export("csv", "notes", "--out", "x", "--until", "yesterday")
    assert said.exit_code == 2


def test_a_database_that_never_was_is_no_calm_day(ward, tmp_path):
    (tmp_path / "state" / FILE_NAME).unlink()
    error = refused(ward, "csv", "minutes", "--out", str(tmp_path / "out"))
    assert isinstance(error, UsageError)
    assert "nothing was kept" in str(error)
    assert not (tmp_path / "state" / FILE_NAME).exists()
