"""YAML text to plain values, with the line of every key."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from pain.errors import ConfigError, ConfigErrors

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        message: what is wrong and what to do.
        path: keys and list positions down to the key; empty for the file as a whole.
        line: 1-based line.
        value: the value as written; None where it says nothing.
    """

    message: str
    path: KeyPath = ()
    line: int | None = None
    value: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file.

    Attributes:
        file: where it was read, or another name of the source for messages.
        data: dicts with text keys, lists, scalars.
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


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        ConfigError: absent, not text, not YAML, or with values that no experiment can hold.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        message = "no such file; configs/train/ has one example for every row of the thesis"
        raise ConfigError(message, file=str(path)) from error
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text; save it as UTF-8", file=str(path)) from error
    document = parse(text, file=str(path))
    if document.problems:
        raise as_error(document.problems, str(path))
    return document


def parse(text: str, *, file: str) -> Document:
    """Parse one YAML document. What is wrong stands in ``problems``; never raises."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem}; check indentation and quotes here and above"
        problem = Problem(message=message, line=mark.line + 1 if mark else None)
        return Document(file=file, data=None, problems=[problem])
    except yaml.YAMLError:
        message = "holds characters that are not allowed in YAML; write it anew as plain text"
        return Document(file=file, data=None, problems=[Problem(message=message)])
    if not isinstance(node, yaml.MappingNode):
        message = "must be a list of keys with values (task, backbone, ...); see configs/train/"
        return Document(file=file, data=None, problems=[Problem(message=message)])
    builder = _Builder()
    data = builder.value(node, ())
    return Document(file=file, data=data, lines=builder.lines, problems=builder.problems)


def as_error(problems: list[Problem], file: str) -> ConfigError:
    """All problems of a file as one error, in the order of their lines."""
    errors = [
        ConfigError(
            problem.message,
            file=file,
            line=problem.line,
            key=dotted(problem.path) or None,
            value=problem.value if isinstance(problem.value, str | int | float) else None,
        )
        for problem in sorted(problems, key=lambda problem: problem.line or 0)
    ]
    return errors[0] if len(errors) == 1 else ConfigErrors(errors)


def dotted(path: KeyPath) -> str:
    """A path as people write it: ``head.hidden[0]``."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


class _Builder:
    """Turns composed nodes into values and notes lines and problems on the way."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._open:
            self._refuse(node, path, "an alias must not contain itself")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
            return self._scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            here = (*path, str(key_node.value))
            if here[-1] in found:
                message = f"this key stands here twice (first in line {self.lines[here]})"
                self._refuse(key_node, here, message)
                continue
            self.lines[here] = key_node.start_mark.line + 1
            found[str(here[-1])] = self.value(value_node, here)
        return found

    def _scalar(self, node: yaml.Node, path: KeyPath) -> object:
        try:
            value: object = self._scalars.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self._refuse(node, path, "cannot be read as a value; put text in quotes")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse(node, path, "must be a finite number")
            return None
        # A date is nothing that we ask for: what looks like one is text as written.
        return value if isinstance(value, str | int | float | None) else str(node.value)

    def _refuse(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(message=message, path=path, line=node.start_mark.line + 1))
