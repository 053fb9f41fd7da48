"""A stand-in for the module ``tensorrt``, made from the signatures of the package tensorrt-stubs.

TensorRT and a GPU were not at hand, so the real thing was not run. The stand-in computes nothing:
it has the classes, methods, properties and enum members that the stubs declare, refuses whatever
they do not, checks the arguments of every call against the declared names and types, and records
the calls. What a call returns is the test's to say, or follows from the declared type.

The stubs hold lines that are no Python (``type: ...`` written without quotes), so members are read
one by one and unreadable ones are left out; a call of one of those is refused like an unknown one.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

PACKAGE = "tensorrt-stubs"
VERSION = "10.13.0.35"

_BUILTINS: Mapping[str, type | tuple[type, ...]] = {
    "int": int,
    "str": str,
    "bool": bool,
    "tuple": tuple,
    "list": list,
    "list[int]": list,
    "typing_extensions.Buffer": (bytes, bytearray, memoryview),
}


@dataclass(kw_only=True)
class StubClass:
    """What the stubs declare of one class."""

    name: str
    bases: tuple[str, ...]
    methods: dict[str, list[ast.FunctionDef]] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    """Enum members and class attributes, with their annotation."""
    values: dict[str, int] = field(default_factory=dict)


@cache
def read_stubs() -> dict[str, StubClass]:
    """All classes of ``tensorrt_bindings/tensorrt.pyi``, by name."""
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError as error:
        raise AssertionError(
            f"{PACKAGE} is absent: pip install --no-deps {PACKAGE} (its dependencies cannot be had "
            "from the registry)"
        ) from error
    (found,) = (path for path in listed if str(path) == "tensorrt_bindings/tensorrt.pyi")
    text = Path(str(found.locate())).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=class )", text, flags=re.MULTILINE)[1:]
    classes = (_read_class(block) for block in blocks)
    return {one.name: one for one in classes}


def _read_class(block: str) -> StubClass:
    head, _, body = block.partition("\n")
    match = re.match(r"class (\w+)(?:\(([^)]*)\))?:", head)
    assert match, head
    bases = tuple(base.strip() for base in (match[2] or "").split(",") if base.strip())
    one = StubClass(name=match[1], bases=bases)
    for member in _members(body):
        _read_member(member, one)
    return one


def _members(body: str) -> Iterator[str]:
    """Split a class body where a line of its own indentation begins; decorators stay attached."""
    lines: list[str] = []
    for line in body.split("\n"):
        begins = re.match(r"    [@\w]", line) is not None
        if begins and lines and not lines[-1].startswith("    @"):
            yield textwrap.dedent("\n".join(lines))
            lines = []
        lines.append(line)
    yield textwrap.dedent("\n".join(lines))


def _read_member(text: str, one: StubClass) -> None:
    try:
        parsed = ast.parse(text).body
    except SyntaxError:
        return
    for node in parsed:
        if isinstance(node, ast.FunctionDef):
            decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
            if "property" in decorators:
                one.properties[node.name] = ast.unparse(node.returns) if node.returns else "..."
            elif not any(name.endswith(".setter") for name in decorators):
                one.methods.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            one.members[name] = re.sub(
                r"^typing\.ClassVar\[(.*)\]$", r"\1", ast.unparse(node.annotation)
            )
            if value := re.search(r"# value = <[\w.]+: (-?\d+)>", text):
                one.values[name] = int(value[1])


@dataclass(frozen=True)
class Member:
    """An enum member."""

    of: str
    name: str
    value: int

    def __int__(self) -> int:
        return self.value


class Thing:
    """An object of a stub class."""

    def __init__(self, module: StandIn, of: str, *given: Any) -> None:
        self._module, self._of, self._given = module, of, given

    def __getattr__(self, name: str) -> Any:
        return self._module._attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        assert name.startswith("_"), f"{self._of}.{name} is set, which nothing here should do"
        object.__setattr__(self, name, value)

    # The dunder methods are looked up on the type, so those in use stand here.
    def __len__(self) -> int:
        assert self._of == "Dims", self._of
        return len(self._given[0])

    def __getitem__(self, index: int) -> int:
        assert self._of == "Dims", self._of
        return int(self._given[0][index])

    def __bytes__(self) -> bytes:
        """Host memory; the real one is a buffer, which ``bytes`` reads too."""
        assert self._of == "IHostMemory", self._of
        return bytes(self._given[0])

    def __str__(self) -> str:
        return f"{self._of} {self._given}"


class Maker:
    """A stub class, to be called."""

    def __init__(self, module: StandIn, of: str) -> None:
        self._module, self._of = module, of

    def __call__(self, *args: Any, **kwargs: Any) -> Thing:
        self._module._check(self._of, "__init__", args, kwargs)
        self._module.calls.append((self._of, *args, *kwargs.values()))
        return Thing(self._module, self._of, *args)

    def __getattr__(self, name: str) -> Any:
        owner = next((one for one in self._module._line(self._of) if name in one.members), None)
        assert owner is not None, f"the stubs have no {self._of}.{name}"
        return Member(owner.members[name], name, owner.values[name])


class StandIn:
    """The module.

    Args:
        answers: by ``Class.method`` or ``Class.property``: a value, or a function that is called
            with the method's arguments.

    Attributes:
        calls: every construction and call, in order, with its arguments.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._answers = dict(answers or {})
        self._stubs = read_stubs()
        self.__version__ = VERSION

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        assert name in self._stubs, f"the stubs have no tensorrt.{name}"
        return Maker(self, name)

    def thing(self, of: str, *given: Any) -> Thing:
        """Make an object without recording it, for answers."""
        assert of in self._stubs, of
        return Thing(self, of, *given)

    def names(self) -> list[str]:
        """What was called, in order."""
        return [call[0] for call in self.calls]

    def _line(self, of: str) -> list[StubClass]:
        """A class and its ancestors."""
        one = self._stubs.get(of)
        if one is None:
            return []
        return [one, *(up for base in one.bases for up in self._line(base))]

    def _attribute(self, thing: Thing, name: str) -> Any:
        of = thing._of
        line = self._line(of)
        for one in line:
            if name in one.properties or name in one.members:
                annotation = one.properties.get(name) or one.members[name]
                return self._answer(f"{of}.{name}", annotation, (), thing)
        assert any(name in one.methods for one in line), f"the stubs have no {of}.{name}"

        def call(*args: Any, **kwargs: Any) -> Any:
            chosen = self._check(of, name, args, kwargs)
            given = (*args, *kwargs.values())
            self.calls.append((f"{of}.{name}", *given))
            returns = ast.unparse(chosen.returns) if chosen.returns else "None"
            return self._answer(f"{of}.{name}", returns, given, thing)

        return call

    def _answer(self, key: str, annotation: str, given: tuple[Any, ...], thing: Thing) -> Any:
        if key in self._answers:
            answer = self._answers[key]
            return answer(*given) if callable(answer) else answer
        if annotation == "bool":
            return True
        if annotation == "None":
            return None
        assert annotation in self._stubs, f"the test says nothing of {key} -> {annotation}"
        return Thing(self, annotation)

    def _check(
        self, of: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> ast.FunctionDef:
        """Find the declared overload that takes these arguments."""
        overloads = next((one.methods[name] for one in self._line(of) if name in one.methods), [])
        for overload in overloads:
            if self._takes(overload, args, kwargs):
                return overload
        declared = [ast.unparse(overload.args) for overload in overloads]
        raise AssertionError(f"{of}.{name}{args} {kwargs}: the stubs declare {declared}")

    def _takes(
        self, function: ast.FunctionDef, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> bool:
        declared = [*function.args.posonlyargs, *function.args.args][1:]
        required = len(declared) - len(function.args.defaults)
        names = [one.arg for one in declared]
        if len(args) > len(declared) or not set(kwargs) <= set(names[len(args) :]):
            return False
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        if not set(names[:required]) <= set(given):
            return False
        return all(
            self._fits(given[one.arg], ast.unparse(one.annotation) if one.annotation else "...")
            for one in declared
            if one.arg in given
        )

    def _fits(self, value: Any, annotation: str) -> bool:
        if annotation in {"...", "typing.Any"}:
            return True
        if annotation in _BUILTINS:
            if isinstance(value, bool) and annotation != "bool":
                return False
            is_memory = isinstance(value, Thing) and value._of == "IHostMemory"
            return isinstance(value, _BUILTINS[annotation]) or (
                is_memory and "Buffer" in annotation
            )
        if isinstance(value, Member):
            return value.of.split(".")[-1] == annotation.rsplit(".", maxsplit=1)[-1]
        return isinstance(value, Thing) and annotation in {
            one.name for one in self._line(value._of)
        }


Answer = Callable[..., Any]
