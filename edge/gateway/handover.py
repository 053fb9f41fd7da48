"""What a room carries over when its settings are read again."""

from __future__ import annotations

from dataclasses import dataclass

from edge.baseline.book import BaselineBook
from edge.identity.desk import ResidentDesk
from edge.mqtt.commands import CommandDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a room carries from one gateway to the next within a run.

    Attributes:
        state: as it is kept on disk: no alarm ends and none begins again.
        desk: the answers it gave, so that no command is carried out twice.
        baseline: with a measurement that may be under way.
        resident: with an enrolment that may be under way, None where faces are not compared.
        restarts: workers lost in this run.
    """

    state: bytes
    desk: CommandDesk
    baseline: BaselineBook
    resident: ResidentDesk | None
    restarts: int
