from __future__ import annotations

from edge.config import AlarmsConfig
from edge.demo.judge import judge
from edge.demo.record import Record
from edge.demo.rows import alarm_rows
from tests.edge.demo.test_judge import MODERATE, SEVERE, TRUTH, onset


def test_every_scene_is_a_row_and_says_which_alarm_came_when() -> None:
    record = Record(changes=(onset(MODERATE, 13.5), onset(SEVERE, 18.0)), levels=())
    rows = {row["scene"]: row for row in alarm_rows(judge(TRUTH, record, AlarmsConfig()))}
    assert list(rows) == [str(segment.scene) for segment in TRUTH.segments]
    assert (rows["talking"]["alarms"], rows["talking"]["delay_s"]) == ("none", None)
    assert rows["moderate"]["alarms"] == "pain_moderate"
    assert (rows["moderate"]["decided_s"], rows["moderate"]["delay_s"]) == (13.5, 3.5)
    assert rows["severe"]["allowed_s"] == 4.0
    assert {row["data"] for row in rows.values()} == {"synthetic resident"}
