"""The people in the database; what the administrator's commands change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from pain.errors import UsageError
from station.access.passwords import check_rule, hashed
from station.access.tables import SessionRow, UserRow
from station.access.values import PERSON_PATTERN, Person, Role
from station.store.audit import add_audit
from station.store.failures import told


class People:
    """Adds, changes and removes people. Safe from any thread.

    Every change ends the sessions that it concerns and stands in the audit. Every method raises
    ``StorageError`` when the database fails, and ``UsageError`` for what cannot be done.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> Sequence[Person]:
        """Everybody, by id."""
        with told(), self._engine.connect() as connection:
            rows = connection.execute(select(UserRow).order_by(UserRow.id))
            return [Person(id=row.id, name=row.name, role=Role(row.role)) for row in rows]

    def add(self, person: Person, password: str, *, by: str, at: datetime) -> None:
        """Add somebody.

        Raises:
            UsageError: the id or the password breaks its rule, or the id is taken.
        """
        _check(person, password)
        with told(), self._engine.begin() as connection:
            self._insert(connection, person, password, by=by, at=at)

    def add_first(self, person: Person, password: str, *, at: datetime) -> bool:
        """Add the first administrator; does nothing and says False where anybody is there."""
        _check(person, password)
        with told(), self._engine.begin() as connection:
            if connection.scalar(select(func.count()).select_from(UserRow)):
                return False
            self._insert(connection, person, password, by="first-run", at=at)
            return True

    def set_password(self, person_id: str, password: str, *, by: str, at: datetime) -> None:
        """Give a new password and end the person's sessions."""
        try:
            check_rule(password)
        except ValueError as error:
            raise UsageError(str(error)) from error
        with told(), self._engine.begin() as connection:
            self._known(connection, person_id)
            connection.execute(
                update(UserRow).where(UserRow.id == person_id).values(password=hashed(password))
            )
            self._end_sessions(connection, person_id)
            _audit(connection, "user_password", person_id, by=by, at=at)

    def set_role(self, person_id: str, role: Role, *, by: str, at: datetime) -> None:
        """Give another role and end the person's sessions.

        Raises:
            UsageError: it would leave nobody who is an administrator.
        """
        with told(), self._engine.begin() as connection:
            self._known(connection, person_id)
            if role is not Role.ADMIN:
                self._not_the_last(connection, person_id)
            connection.execute(update(UserRow).where(UserRow.id == person_id).values(role=role))
            self._end_sessions(connection, person_id)
            _audit(connection, "user_role", person_id, by=by, at=at, role=role)

    def remove(self, person_id: str, *, by: str, at: datetime) -> None:
        """Remove somebody and end the person's sessions; what they did stays in the records.

        Raises:
            UsageError: it would leave nobody who is an administrator.
        """
        with told(), self._engine.begin() as connection:
            self._known(connection, person_id)
            self._not_the_last(connection, person_id)
            self._end_sessions(connection, person_id)
            connection.execute(delete(UserRow).where(UserRow.id == person_id))
            _audit(connection, "user_removed", person_id, by=by, at=at)

    @staticmethod
    def _insert(
        connection: Connection, person: Person, password: str, *, by: str, at: datetime
    ) -> None:
        if connection.scalar(select(UserRow.id).where(UserRow.id == person.id)):
            raise UsageError(f"there is already somebody with the id {person.id!r}")
        connection.execute(
            insert(UserRow).values(
                id=person.id,
                name=person.name.strip(),
                role=person.role,
                password=hashed(password),
                created_at=at,
            )
        )
        _audit(connection, "user_added", person.id, by=by, at=at, role=person.role)

    @staticmethod
    def _known(connection: Connection, person_id: str) -> None:
        if connection.scalar(select(UserRow.id).where(UserRow.id == person_id)) is None:
            raise UsageError(f"there is nobody with the id {person_id!r}; see 'station users list'")

    @staticmethod
    def _not_the_last(connection: Connection, person_id: str) -> None:
        admins = connection.scalars(select(UserRow.id).where(UserRow.role == Role.ADMIN)).all()
        if list(admins) == [person_id]:
            raise UsageError(f"{person_id!r} is the last administrator; make another one first")

    @staticmethod
    def _end_sessions(connection: Connection, person_id: str) -> None:
        connection.execute(delete(SessionRow).where(SessionRow.user == person_id))


def _check(person: Person, password: str) -> None:
    if not re.fullmatch(PERSON_PATTERN, person.id):
        raise UsageError(
            f"the id {person.id!r} must be 1 to 32 of a-z, 0-9, '.', '_' and '-', and begin with a "
            "letter or a digit"
        )
    if not 1 <= len(person.name.strip()) <= 64:  # noqa: PLR2004  a name on a tile
        raise UsageError("a name has 1 to 64 characters")
    try:
        check_rule(password)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _audit(
    connection: Connection,
    action: str,
    person_id: str,
    *,
    by: str,
    at: datetime,
    role: Role | None = None,
) -> None:
    detail = {"user": person_id, **({"role": role.value} if role else {})}
    add_audit(connection, action, at=at, person=by, detail=detail)
