"""How passwords are kept."""

from __future__ import annotations

import argon2
import pytest
from argon2.profiles import RFC_9106_LOW_MEMORY

from station.access import passwords
from station.access.passwords import check_rule, hashed, is_outdated, matches

REAL = passwords._HASHER
"""Taken before the fixture of this folder puts a quick one in its place."""


def test_the_hash_is_what_rfc_9106_advises():
    kept = REAL.hash("a long enough password")
    assert argon2.extract_parameters(kept) == RFC_9106_LOW_MEMORY


def test_a_hash_matches_its_password_alone_and_has_its_own_salt():
    kept = hashed("one two three")
    assert matches("one two three", kept)
    assert not matches("one two four", kept)
    assert hashed("one two three") != kept


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$broken"])
def test_what_is_no_hash_lets_nobody_in(kept):
    assert not matches("nobody has this password", kept)


def test_a_hash_of_weaker_parameters_is_renewed():
    assert is_outdated(argon2.PasswordHasher(time_cost=2, memory_cost=64).hash("x"))
    assert not is_outdated(hashed("x"))


@pytest.mark.parametrize(("length", "good"), [(9, False), (10, True), (200, True), (201, False)])
def test_length_alone_is_asked_for(length, good):
    if good:
        check_rule("x" * length)
        return
    with pytest.raises(ValueError, match="10 to 200"):
        check_rule("x" * length)
