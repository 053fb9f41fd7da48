"""Settings of an invented room: what every room's reader promises."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from pain.errors import ConfigError, ConfigErrors
from pain.settings import Section, read_settings
from pain.settings.document import parse
from pain.topics import NAME_PATTERN


class Tea(StrEnum):
    GREEN = "green_tea"
    BLACK = "black_tea"


class Pot(Section):
    tea: Tea = Field(description="What is in it.")
    cups: int | tuple[int, ...] = Field(default=2, description="Cups, or cups per table.")


class Kitchen(Section):
    name: str = Field(pattern=NAME_PATTERN, description="Short name.")
    code: str | None = Field(default=None, pattern=r"^[A-Z]+$", description="Door code.")
    pots: tuple[Pot, ...] = Field(default=(), description="Pots.")
    password: str | None = Field(default=None, description="Of the cupboard.")


def read(folder: Path, text: str) -> Kitchen:
    path = folder / "kitchen.yaml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, Kitchen, example="kitchen.example.yaml")[0]


def test_settings_are_read_with_the_line_of_every_key(tmp_path: Path):
    path = tmp_path / "k.yaml"
    path.write_text("name: main\npots:\n  - tea: green_tea\n    cups: [1, 2]\n", encoding="utf-8")
    kitchen, document = read_settings(path, Kitchen, example="x")
    assert kitchen == Kitchen(name="main", pots=(Pot(tea=Tea.GREEN, cups=(1, 2)),))
    assert document.line(("pots", 0, "cups")) == 4
    assert document.line(("pots", 0, "absent")) == 3


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("", None, None, "the file is empty"),
        ("- a\n", 1, None, "list of keys with values (name); start from kitchen.example.yaml"),
        ("name: Main\n", 1, "name", "lower-case letters"),
        ("name: main\ncode: abc\n", 2, "code", "pattern"),
        ("nam: main\n", 1, "nam", "did you mean 'name'"),
        ("name: main\ntea: x\n", 2, "tea", "it belongs to pots[]"),
        ("name: main\npots: [{tea: green-tea}]\n", 2, "pots[0].tea", "did you mean 'green_tea'"),
        ("name: main\npots: [{tea: black_tea, cups: x}]\n", 2, "pots[0].cups", "whole number"),
        ("name: main\nname: other\n", 2, "name", "a second time (first in line 1)"),
        ("name: !secret x\n", 1, "name", "tags"),
        ("name: &a [*a]\n", 1, "name[0]", "alias"),
        ("name: !!bool maybe\n", 1, "name", "tags"),
        ("name: !!int ''\n", 1, "name", "tags"),
        (f"name: 0x{'f' * 4000}\n", 1, "name", "must be a finite number"),
        (f"name: {'1:' * 300}1.5\n", 1, "name", "must be a finite number"),
        ("- " * 400, None, None, "is nested too deeply"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(
    tmp_path: Path, text: str, line: int | None, key: str | None, says: str
):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    error = caught.value
    found = error.errors[0] if isinstance(error, ConfigErrors) else error
    assert (found.line, found.key) == (line, key)
    assert says in str(found)
    assert found.exit_code == 2


def test_a_secret_is_not_shown(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "name: main\npassword: 12345678\n")
    assert "12345678" not in str(caught.value)


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_be_told_about(text: str):
    document = parse(text, file="x")
    assert document.problems or document.data is not None or document.lines


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("010", "counts this in eights"),
        ("-017", "counts this in eights"),
        ("1:30", "counts this in sixties"),
        ("12:30:45", "counts this in sixties"),
        ("1:30.5", "counts this in sixties"),
        ("0x1F", "in tens"),
        ("0b101", "in tens"),
        ("no", "true or false"),
        ("Off", "true or false"),
        ("YES", "true or false"),
        ("on", "true or false"),
    ],
)
def test_what_yaml_takes_for_something_else_is_refused_with_line_and_key(
    written: str, words: str
) -> None:
    document = parse(f"one: 1\nlist:\n- key: {written}\n", file="x.yaml")
    (problem,) = document.problems
    assert words in problem.message
    assert (problem.line, problem.path) == (3, ("list", 0, "key"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'010'", "010"),
        ('"no"', "no"),
        ("'1:30'", "1:30"),
        ("10", 10),
        ("0", 0),
        ("-0.5", -0.5),
        ("007.5", 7.5),
        ("true", True),
        ("False", False),
        ("2026-12-01", "2026-12-01"),
        ("08", "08"),
        ("1e3", "1e3"),
        ("~", None),
    ],
)
def test_what_yaml_takes_as_it_is_written(written: str, value: object) -> None:
    document = parse(f"key: {written}\nno: 1\n", file="x.yaml")
    assert document.problems == []
    assert document.data == {"key": value, "no": 1}
