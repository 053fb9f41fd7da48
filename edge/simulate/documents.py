"""YAML files of parameters: read, checked, and told what is wrong with them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from pain.errors import ConfigError
from pain.settings.document import parse
from pain.settings.problem import as_error

_Model = TypeVar("_Model", bound=BaseModel)


def read(path: Path, model: type[_Model]) -> _Model:
    """Read one file of parameters.

    Raises:
        ConfigError: it cannot be read, is no YAML, or a key in it is wrong.
    """
    try:
        document = parse(path.read_text(encoding="utf-8"), file=str(path))
        if document.problems:
            raise as_error(document.problems, document.file)
        return model.model_validate(document.data)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"is no YAML: {error}", file=str(path)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or None
        raise ConfigError(
            f"{first['msg']}; docs/alarm-burden.md describes every key",
            file=str(path),
            key=where,
        ) from error


def shipped(name: str) -> Path:
    """Path of a file that comes with painwatch."""
    return Path(str(files("edge.simulate") / "assumptions" / name))
