"""YAML text to plain values, with the line of every key."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from pain.settings.problem import KeyPath, Problem

_TEXT_TAGS: Final = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"})
"""A date is nothing we ask for, so what looks like one is text as written."""

_SCALAR_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")
)

_SEXAGESIMAL: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_OCTAL: Final = re.compile(r"[-+]?0[0-9_]+")
_OTHER_BASE: Final = re.compile(r"[-+]?0[xb].*", re.IGNORECASE)
_TRUTH: Final = frozenset({"true", "false"})
"""Words for truth values in YAML 1.2, and in the heads of people."""

_TOO_DEEP: Final = Problem(message="is nested too deeply")

MAX_VALUES: Final = 100_000
"""Aliases of aliases can make a small file endless; no real one comes near this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file.

    Attributes:
        file: where it was read, or another name of the source for messages.
        data: its values: dicts with text keys, lists, scalars.
        lines: 1-based line of each key or list item.
        problems: what could not be taken over as written.
    """

    file: str
    data: object
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: KeyPath) -> int | None:
        """Line of a path, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def at(self, path: KeyPath) -> object:
        """Value at a path; None where there is none."""
        data = self.data
        for key in path:
            if isinstance(data, dict) and isinstance(key, str):
                data = data.get(key)
            elif isinstance(data, list) and isinstance(key, int) and key < len(data):
                data = data[key]
            else:
                return None
        return data


def parse(text: str, *, file: str) -> Document:
    """Read one YAML document. What is wrong stands in ``problems``; never raises."""
    try:
        # A stream and not a text: for a text, PyYAML's errors quote the line, password included.
        node = yaml.compose(io.StringIO(text), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        return Document(file=file, data=None, problems=[_syntax(error)])
    except yaml.YAMLError:
        message = "holds characters that are not allowed in YAML; write it anew as plain text"
        return Document(file=file, data=None, problems=[Problem(message=message)])
    except RecursionError:
        return Document(file=file, data=None, problems=[_TOO_DEEP])
    if node is None:
        message = "the file is empty; start from an example in configs/"
        return Document(file=file, data=None, problems=[Problem(message=message)])
    builder = _Builder()
    try:
        data = builder.value(node, ())
    except RecursionError:
        return Document(file=file, data=None, problems=[_TOO_DEEP])
    return Document(file=file, data=data, lines=builder.lines, problems=builder.problems)


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    # Names in quotes are pieces of the file; an alias or a tag may be a password gone wrong.
    what = re.sub(r"'(?![<\\])[^']{2,}'", "'***'", error.problem or "not valid YAML")
    hint = (
        "indent with spaces, a tab is not allowed here"
        if r"'\t'" in what
        else "check the indentation and the quotes here and on the line above"
    )
    return Problem(message=f"not valid YAML: {what}; {hint}", line=mark.line + 1 if mark else None)


class _Builder:
    """Turns composed nodes into values and notes lines and problems on the way."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._count = 0

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._count += 1
        if id(node) in self._open or self._count > MAX_VALUES:
            self._refuse(node, path, "an alias must not contain itself")
            return None
        self._open.add(id(node))
        try:
            return self._unguarded(node, path)
        finally:
            self._open.discard(id(node))

    def _unguarded(self, node: yaml.Node, path: KeyPath) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(message="a key must be a word", line=line, path=path))
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in found:
                first = self.lines[here]
                message = f"this key stands here a second time (first in line {first}); remove one"
                self.problems.append(Problem(message=message, line=line, path=here))
                continue
            self.lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def _scalar(self, node: yaml.Node, path: KeyPath) -> object:
        if node.tag in _TEXT_TAGS:
            return str(node.value)
        wrong = "tags (words with '!') are not allowed; write the value"
        if node.tag in _SCALAR_TAGS:
            try:
                value: object = self._scalars.construct_object(node)
                # Raises OverflowError for whole numbers beyond every float, which JSON cannot take.
                finite = not isinstance(value, int | float) or math.isfinite(value)
                surprise = _surprise(str(node.value), value)
                if finite and surprise is None:
                    return value
                wrong = surprise if finite and surprise else "must be a finite number"
            except OverflowError:
                wrong = "must be a finite number"
            except ValueError:
                wrong = "is no number that can be read"
            except LookupError:
                pass  # only a tag can call a text a number or a truth value that does not look so
        self._refuse(node, path, wrong)
        return None

    def _refuse(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(message=message, line=node.start_mark.line + 1, path=path))


def _surprise(text: str, value: object) -> str | None:
    """Why a plain word means something else in YAML 1.1 than to whoever wrote it, if it does."""
    quoted = "or put it in quotes where it is meant as text"
    if isinstance(value, bool) and text.lower() not in _TRUTH:
        return f"YAML takes this word for true or false: write true or false, {quoted}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if _SEXAGESIMAL.fullmatch(text):
        return f"YAML counts this in sixties (1:30 is 90): write the number itself, {quoted}"
    if isinstance(value, int) and _OCTAL.fullmatch(text):
        return f"YAML counts this in eights (010 is 8): leave the leading zero out, {quoted}"
    other_base = isinstance(value, int) and _OTHER_BASE.fullmatch(text)
    return f"write the number in tens, {quoted}" if other_base else None
