"""Lets people in, knows them again, and lets them out."""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, insert, literal, select, update

from pain.clock import Clock
from station.access.passwords import hashed, is_outdated, matches
from station.access.people import People
from station.access.tables import SessionRow, UserRow
from station.access.throttle import ACCOUNT, ADDRESS, Counted, Throttle
from station.access.values import LoggedIn, LoginRefused, Person, Refusal, Role
from station.store.audit import add_audit
from station.store.base import UtcTime
from station.store.failures import told

CODE_LIVES_S: Final = 3600.0
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are mistaken for one another."""


class Access:
    """The door. Safe from any thread; its methods wait for the disk and for Argon2.

    Every method raises ``StorageError`` when the database fails.

    Args:
        engine: the database.
        clock: source of the present moment.
        session_hours: a session ends after this time, hours.
    """

    def __init__(self, engine: Engine, clock: Clock, *, session_hours: float) -> None:
        self._engine = engine
        self._clock = clock
        self._session = timedelta(hours=session_hours)
        self._throttle = Throttle()
        self._code: tuple[str, float] | None = None
        self._lock = threading.Lock()
        self._claiming = threading.Lock()
        self.people = People(engine)

    def log_in(self, person_id: str, password: str, *, address: str) -> LoggedIn | LoginRefused:
        """Let somebody in.

        Args:
            person_id: who it claims to be.
            password: the proof.
            address: where it comes from, for the rate limit and the audit.
        """
        # Cut, since it may be anything and is kept in the audit.
        account = person_id.strip().lower()[:32]
        keys = (
            Counted(name=f"account {account}", allowance=ACCOUNT),
            Counted(name=f"address {address}", allowance=ADDRESS),
        )
        if (wait_s := self._wait_s(keys)) > 0:
            return LoginRefused(why=Refusal.TOO_MANY, wait_s=wait_s)
        with told(), self._engine.connect() as connection:
            row = connection.execute(select(UserRow).where(UserRow.id == account)).one_or_none()
        token = None
        if matches(password, row.password if row else None) and row is not None:
            token = self._begin(row.id, password, row.password, address)
        if row is None or token is None:
            self._refuse(keys)
            with told(), self._engine.begin() as connection:
                detail = {"user": account, "address": address}
                add_audit(connection, "login_refused", at=self._clock.now().wall, detail=detail)
            return LoginRefused(why=Refusal.WRONG)
        with self._lock:
            self._throttle.succeeded(keys[0])
        return LoggedIn(token=token, person=Person(id=row.id, name=row.name, role=Role(row.role)))

    def who(self, token: str) -> Person | None:
        """Whose session a token stands for; None when it has ended or never was.

        A viewer's goes on for as long as somebody asks: a screen on the wall must not go dark, and
        nobody can act there.
        """
        now = self._clock.now().wall
        query = (
            select(UserRow.id, UserRow.name, UserRow.role, SessionRow.expires_at)
            .join(SessionRow, SessionRow.user == UserRow.id)
            .where(SessionRow.token_sha256 == _digest(token), SessionRow.expires_at > now)
        )
        with told(), self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        role = Role(row.role)
        if role is Role.VIEWER and row.expires_at - now < self._session / 2:
            self._go_on(token, now + self._session)
        return Person(id=row.id, name=row.name, role=role)

    def _go_on(self, token: str, until: datetime) -> None:
        with told(), self._engine.begin() as connection:
            connection.execute(
                update(SessionRow)
                .where(SessionRow.token_sha256 == _digest(token))
                .values(expires_at=until)
            )

    def log_out(self, token: str) -> None:
        """End a session."""
        with told(), self._engine.begin() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.token_sha256 == _digest(token)))

    def first_run_code(self) -> str | None:
        """The code that makes the first administrator; None where anybody may log in already.

        It lives for an hour and is another one after each start.
        """
        if self.people.all():
            return None
        now_s = self._clock.now().monotonic_s
        with self._lock:
            if self._code is None or self._code[1] <= now_s:
                letters = [secrets.choice(_LETTERS) for _ in range(12)]
                groups = ("".join(letters[at : at + 4]) for at in (0, 4, 8))
                self._code = ("-".join(groups), now_s + CODE_LIVES_S)
            return self._code[0]

    def claim(
        self, code: str, person: Person, password: str, *, address: str
    ) -> bool | LoginRefused:
        """Make the first administrator.

        Returns:
            False where somebody is there already.

        Raises:
            UsageError: the id or the password breaks its rule.
        """
        keys = (Counted(name=f"code {address}", allowance=ACCOUNT),)
        if (wait_s := self._wait_s(keys)) > 0:
            return LoginRefused(why=Refusal.TOO_MANY, wait_s=wait_s)
        expected = self.first_run_code()
        if expected is None:
            return False
        if not secrets.compare_digest(code.strip().upper().encode(), expected.encode()):
            self._refuse(keys)
            return LoginRefused(why=Refusal.WRONG)
        with self._claiming:  # between looking whether somebody is there and adding lies a hash
            return self.people.add_first(person, password, at=self._clock.now().wall)

    def _begin(self, person_id: str, password: str, kept: str, address: str) -> str | None:
        """Begin a session; None where the password was changed while it was compared."""
        token = secrets.token_urlsafe(32)
        renewed = hashed(password) if is_outdated(kept) else None
        now = self._clock.now().wall
        with told(), self._engine.begin() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            still = select(
                literal(_digest(token)), UserRow.id, literal(now + self._session, UtcTime)
            ).where(UserRow.id == person_id, UserRow.password == kept)
            columns = ["token_sha256", "user", "expires_at"]
            if not connection.execute(insert(SessionRow).from_select(columns, still)).rowcount:
                return None
            if renewed is not None:
                connection.execute(
                    update(UserRow).where(UserRow.id == person_id).values(password=renewed)
                )
            detail = {"address": address}
            add_audit(connection, "login", at=now, person=person_id, detail=detail)
        return token

    def _wait_s(self, keys: tuple[Counted, ...]) -> float:
        with self._lock:
            return self._throttle.wait_s(keys, self._clock.now().monotonic_s)

    def _refuse(self, keys: tuple[Counted, ...]) -> None:
        with self._lock:
            self._throttle.failed(keys, self._clock.now().monotonic_s)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
