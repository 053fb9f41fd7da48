"""Adds lines to the audit; for every part of the station, the board and its log-ins included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from station.live.values import RoomKey
from station.store.tables import AuditRow


def add_audit(
    connection: Connection,
    action: str,
    *,
    at: datetime,
    person: str | None = None,
    key: RoomKey | None = None,
    detail: Mapping[str, str | int | float | None] | None = None,
) -> None:
    """Add one line within the caller's transaction.

    Args:
        connection: an open transaction (``engine.begin()``).
        action: what was done, one short word with underscores.
        at: when, with a zone.
        person: who did it; None for the station itself.
        key: the room that it is about, if any.
        detail: what else there is to know; never the content of a refused message.
    """
    connection.execute(
        insert(AuditRow).values(
            at=at,
            action=action,
            person=person,
            site=key.site if key else None,
            room=key.room if key else None,
            detail=json.dumps(detail) if detail else None,
        )
    )
