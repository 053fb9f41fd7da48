"""Who is let in, for how long, and what guessing brings."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import Engine, select

from pain.errors import UsageError
from station.access import access as access_module
from station.access import passwords
from station.access import people as people_module
from station.access.access import CODE_LIVES_S, Access
from station.access.tables import SessionRow, UserRow
from station.access.throttle import ADDRESS, FREE_TRIES, LONGEST_WAIT_S
from station.access.values import LoggedIn, LoginRefused, Person, Refusal, Role
from station.store.tables import AuditRow
from tests.station.access.conftest import ADMIN, NURSE, SENTENCE
from tests.station.messages import START

HERE = "10.0.0.7"


def log_in(access: Access, password: str = SENTENCE, *, person: str = NURSE.id) -> object:
    return access.log_in(person, password, address=HERE)


def test_a_nurse_is_let_in_and_known_again(staffed):
    result = log_in(staffed, person="  Nurse-7 ")
    assert isinstance(result, LoggedIn)
    assert result.person == NURSE
    assert staffed.who(result.token) == NURSE


@pytest.mark.parametrize(
    ("person", "password"), [(NURSE.id, "another sentence"), ("nobody", SENTENCE), (NURSE.id, "")]
)
def test_what_was_wrong_is_not_told(staffed, person, password):
    assert log_in(staffed, password, person=person) == LoginRefused(why=Refusal.WRONG)


def test_neither_password_nor_token_is_in_the_database(staffed, engine: Engine):
    result = log_in(staffed)
    assert isinstance(result, LoggedIn)
    with engine.connect() as connection:
        kept = [*connection.execute(select(UserRow)), *connection.execute(select(SessionRow))]
    assert SENTENCE not in str(kept)
    assert result.token not in str(kept)
    assert "$argon2id$" in str(kept)


def test_a_session_ends_after_its_time_and_by_logging_out(staffed, clock):
    first, second = log_in(staffed), log_in(staffed)
    assert isinstance(first, LoggedIn)
    assert isinstance(second, LoggedIn)
    staffed.log_out(first.token)
    assert staffed.who(first.token) is None
    clock.seconds = 12 * 3600 - 1
    assert staffed.who(second.token) == NURSE
    clock.seconds = 12 * 3600 + 1
    assert staffed.who(second.token) is None


def test_a_viewers_session_lasts_while_somebody_looks_and_ends_when_nobody_does(access, clock):
    wall = Person(id="wall", name="The wall", role=Role.VIEWER)
    access.people.add(wall, SENTENCE, by="test", at=START)
    result = log_in(access, person=wall.id)
    assert isinstance(result, LoggedIn)
    for _ in range(10):
        clock.seconds += 11 * 3600
        assert access.who(result.token) == wall
    clock.seconds += 12 * 3600 + 1
    assert access.who(result.token) is None


def test_guessing_takes_longer_each_time_and_the_right_password_waits_too(staffed, clock):
    for _ in range(FREE_TRIES):
        assert log_in(staffed, "wrong, all wrong") == LoginRefused(why=Refusal.WRONG)
    refused = log_in(staffed)
    assert isinstance(refused, LoginRefused)
    assert refused.why is Refusal.TOO_MANY
    waits = []
    for _ in range(12):
        refused = log_in(staffed, "wrong, all wrong")
        assert isinstance(refused, LoginRefused)
        waits.append(refused.wait_s)
        clock.seconds += refused.wait_s
        assert log_in(staffed, "wrong, all wrong") == LoginRefused(why=Refusal.WRONG)
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S
    clock.seconds += LONGEST_WAIT_S
    assert isinstance(log_in(staffed), LoggedIn)


def test_one_good_account_does_not_free_an_address_to_guess_at_others(staffed):
    for number in range(ADDRESS.free_tries - 1):
        log_in(staffed, "wrong, all wrong", person=f"someone-{number}")
    assert isinstance(log_in(staffed), LoggedIn)
    log_in(staffed, "wrong, all wrong", person="someone")
    refused = log_in(staffed, "wrong, all wrong", person="someone-else")
    assert isinstance(refused, LoginRefused)
    assert refused.why is Refusal.TOO_MANY


def test_a_ward_behind_one_address_is_not_locked_out_by_its_mistakes(staffed, clock):
    for number in range(40):
        clock.seconds += 600
        log_in(staffed, "wrong, all wrong", person=f"colleague-{number % 20}")
    waiting = log_in(staffed)
    if isinstance(waiting, LoginRefused):
        assert waiting.wait_s <= 30
        clock.seconds += waiting.wait_s
    assert isinstance(log_in(staffed), LoggedIn)


def test_a_password_that_was_changed_meanwhile_opens_no_session(staffed, clock, monkeypatch):
    def slowly(password: str, kept: str | None) -> bool:
        right = passwords.matches(password, kept)
        staffed.people.set_password(NURSE.id, "quite another sentence", by="admin", at=START)
        return right

    monkeypatch.setattr(access_module, "matches", slowly)
    assert log_in(staffed) == LoginRefused(why=Refusal.WRONG)


@pytest.mark.parametrize("change", ["password", "role", "removal"])
def test_a_change_of_a_person_ends_the_sessions(staffed, clock, change):
    result = log_in(staffed)
    assert isinstance(result, LoggedIn)
    people, at = staffed.people, clock.now().wall
    if change == "password":
        people.set_password(NURSE.id, "quite another sentence", by="admin", at=at)
    elif change == "role":
        people.set_role(NURSE.id, Role.VIEWER, by="admin", at=at)
    else:
        people.remove(NURSE.id, by="admin", at=at)
    assert staffed.who(result.token) is None


@pytest.mark.parametrize("change", ["role", "removal"])
def test_the_last_administrator_stays_one(staffed, clock, change):
    people, at = staffed.people, clock.now().wall
    demote = partial(people.set_role, ADMIN.id, Role.NURSE, by="admin", at=at)
    remove = partial(people.remove, ADMIN.id, by="admin", at=at)
    with pytest.raises(UsageError, match="last administrator"):
        (demote if change == "role" else remove)()


@pytest.mark.parametrize(
    ("person", "password", "told"),
    [
        ("Anna", SENTENCE, "a-z"),
        ("", SENTENCE, "a-z"),
        ("a/b", SENTENCE, "a-z"),
        ("anna", "short", "10 to 200"),
        ("anna", "x" * 201, "10 to 200"),
    ],
)
def test_a_bad_name_or_password_says_its_rule(access, clock, person, password, told):
    with pytest.raises(UsageError, match=told):
        access.people.add(
            Person(id=person, name="Anna", role=Role.NURSE),
            password,
            by="test",
            at=clock.now().wall,
        )


def test_the_first_administrator_needs_the_code_once(access):
    code = access.first_run_code()
    assert code is not None
    assert access.claim("AAAA-AAAA-AAAA", ADMIN, SENTENCE, address=HERE) == LoginRefused(
        why=Refusal.WRONG
    )
    assert access.claim(code.lower(), ADMIN, SENTENCE, address=HERE) is True
    assert access.first_run_code() is None
    other = Person(id="intruder", name="I", role=Role.ADMIN)
    assert access.claim(code, other, SENTENCE, address=HERE) is False
    assert access.people.all() == [ADMIN]


def test_the_code_makes_one_administrator_though_two_use_it_at_once(access, monkeypatch):
    code = access.first_run_code()
    both = threading.Barrier(2)

    def meet(password: str) -> str:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # nobody comes where the other has to wait outside
        return passwords.hashed(password)

    monkeypatch.setattr(people_module, "hashed", meet)
    persons = [Person(id=f"admin-{number}", name="A", role=Role.ADMIN) for number in range(2)]
    with ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda one: access.claim(code, one, SENTENCE, address=HERE), persons))
    assert sorted(made) == [False, True]
    assert len(access.people.all()) == 1


def test_the_code_runs_out(access, clock):
    code = access.first_run_code()
    clock.seconds = CODE_LIVES_S + 1
    assert access.first_run_code() != code
    assert isinstance(access.claim(code, ADMIN, SENTENCE, address=HERE), LoginRefused)


def test_the_code_cannot_be_guessed_at(access):
    for _ in range(FREE_TRIES):
        access.claim("guess", ADMIN, SENTENCE, address=HERE)
    refused = access.claim(access.first_run_code(), ADMIN, SENTENCE, address=HERE)
    assert isinstance(refused, LoginRefused)
    assert refused.why is Refusal.TOO_MANY


def test_what_happened_at_the_door_is_in_the_audit(staffed, engine: Engine):
    log_in(staffed)
    log_in(staffed, "wrong, all wrong")
    with engine.connect() as connection:
        actions = list(connection.scalars(select(AuditRow.action)))
    assert actions == ["user_added", "user_added", "login", "login_refused"]
