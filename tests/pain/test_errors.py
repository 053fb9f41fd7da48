"""The exception tree as it is promised."""

from __future__ import annotations

import inspect

import pytest

from pain import errors
from pain.errors import (
    BundleCorrupt,
    BundleError,
    BundleTampered,
    CommandRefused,
    ConfigError,
    ConfigErrors,
    InternalError,
    PainwatchError,
    SourceError,
    SourceLost,
    UsageError,
    WorkerError,
)

ALL = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, Exception) and value.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_drawn_in_the_tree(error):
    assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_either_for_the_user_or_internal(error):
    assert issubclass(error, PainwatchError)
    if error is not PainwatchError:
        assert issubclass(error, UsageError) != issubclass(error, InternalError)


@pytest.mark.parametrize("error", ALL)
def test_the_exit_code_says_who_can_mend_it(error):
    assert error.exit_code == (2 if issubclass(error, UsageError) else 1)


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        (SourceLost, SourceError),
        (BundleCorrupt, BundleError),
        (BundleTampered, BundleError),
        (ConfigErrors, ConfigError),
        (WorkerError, InternalError),
    ],
)
def test_the_narrow_error_is_caught_by_the_wide_one(child, parent):
    assert issubclass(child, parent)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "wrong"),
        ({"file": "a.yaml"}, "a.yaml: wrong"),
        ({"file": "a.yaml", "line": 3}, "a.yaml:3: wrong"),
        ({"file": "a.yaml", "line": 3, "key": "site"}, "a.yaml:3: site: wrong"),
        ({"file": "a.yaml", "line": 3, "key": "site", "value": 4}, "a.yaml:3: site = 4: wrong"),
        ({"key": "site", "value": ""}, "site = '': wrong"),
        ({"key": "x.loop", "value": False}, "x.loop = False: wrong"),
        ({"value": 4}, "wrong"),
    ],
)
def test_a_config_error_says_file_line_key_and_value(fields, text):
    assert str(ConfigError("wrong", **fields)) == text


def test_several_config_errors_are_told_together_and_point_at_the_first():
    first = ConfigError("wrong", file="a.yaml", line=3, key="site")
    second = ConfigError("missing", file="a.yaml", line=9)
    both = ConfigErrors([first, second])
    assert both.errors == (first, second)
    assert (both.file, both.line, both.key) == ("a.yaml", 3, "site")
    assert str(both) == "2 things are wrong:\na.yaml:3: site: wrong\na.yaml:9: missing"


def test_a_refused_command_carries_its_reason():
    refused = CommandRefused("signals are not paused")
    assert refused.reason == str(refused) == "signals are not paused"
