"""CSV that any program reads and no spreadsheet executes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.ports import Note
from station.share.kinds import Table
from station.share.table import _line, lines, plain
from station.store.archive import SqlArchive
from tests.station.messages import OTHER, ROOM, answer
from tests.station.share.ward import SPAN, Ward, at, fill

FORMULA = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001  the wide forms are meant


def rows(ward: Ward, table: Table) -> list[dict[str, str]]:
    text = "".join(lines(table, ward.source, [ROOM, OTHER], SPAN, now=SPAN.until))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_events_are_rows_with_moments_in_utc(ward):
    severe = fill(ward)
    onset, seen, lost, moderate = rows(ward, Table.EVENTS)
    assert (onset["id"], onset["decided_at"]) == (str(severe.id), "2024-03-05T12:01:00Z")
    assert (onset["verdict"], onset["verdict_by"]) == ("pain", "nurse-8")
    assert onset["verdict_at"] == "2024-03-05T13:00:00Z"
    assert (seen["trigger"], seen["person"]) == ("acknowledged", "nurse-7")
    assert lost["detail"] == "'=1+1"
    assert moderate["room"] == OTHER.room


def test_an_answer_to_a_command_has_its_own_cells(ward):
    refused = answer(None, accepted=False, reason="+49 no", command="@pause")
    ward.hear(refused.model_copy(update={"decided_at": at(0)}))
    (row,) = rows(ward, Table.EVENTS)
    assert (row["kind"], row["accepted"], row["condition"]) == ("command", "false", "")
    assert (row["command"], row["detail"]) == ("'@pause", "'+49 no")


def test_a_minute_without_a_level_has_an_empty_cell_and_no_zero(ward):
    ward.watch(0.0, None)
    calm, unknown = rows(ward, Table.MINUTES)
    assert (calm["mean"], calm["highest"]) == ("0.0", "0.0")
    assert (unknown["mean"], unknown["highest"], unknown["readings"]) == ("", "", "60")


def test_silences_and_notes_are_written(ward):
    ward.be_silent(at(1), None)
    text = '=HYPERLINK("http://x")\n"quoted", and more'
    SqlArchive(ward.engine).add_note(Note(key=ROOM, at=at(2), person="nurse-7", text=text))
    assert rows(ward, Table.SILENCES) == [
        {"site": "elm-court", "room": "room-12", "since": "2024-03-05T12:01:00Z", "until": ""}
    ]
    (note,) = rows(ward, Table.NOTES)
    assert note["text"] == f"'{text}"


@pytest.mark.parametrize("table", Table)
def test_a_table_of_nothing_has_its_header(ward, table):
    (header,) = lines(table, ward.source, [], SPAN, now=SPAN.until)
    assert header.startswith("site,room,")


@given(st.text(alphabet=st.one_of(st.sampled_from(FORMULA + ',"'), st.characters(codec="utf-8"))))
def test_no_text_becomes_a_formula_and_none_is_lost(text):
    ((cell,),) = csv.reader(io.StringIO(_line([plain(text)]), newline="")) if text else [("",)]
    assert not cell.startswith(tuple(FORMULA))
    assert cell in {text, f"'{text}"}
    assert (cell == text) is not text.startswith(tuple(FORMULA))
