"""Read a config file; every mistake in it is told with file, line, key and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from edge.config.document import Document, parse
from edge.config.explain import explain
from edge.config.files import absent, bad_uris, named_files, resolved
from edge.config.problem import Problem, as_error
from edge.config.root import EdgeConfig
from pain.errors import ConfigError


def load_config(path: Path) -> EdgeConfig:
    """Read and check a config file and the files that it names.

    Relative paths in it are taken from its own folder; the returned config holds absolute ones.

    Args:
        path: YAML file, UTF-8.

    Returns:
        The configuration.

    Raises:
        ConfigError: anything is wrong; ``ConfigErrors`` when several things are. No message shows
            a password, or the user and password in a camera's address.
    """
    document = parse(_read(path))
    if document.problems:
        raise as_error(document.problems, path)
    config = resolved(_validated(document, path), path.absolute().parent)
    problems = _file_problems(config)
    if problems:
        raise as_error(
            [replace(problem, line=document.line(problem.path)) for problem in problems], path
        )
    return config


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            "no such file; give the path of a config file, configs/room.yaml is an example",
            file=str(path),
        ) from error
    except IsADirectoryError as error:
        raise ConfigError("is a folder; give the YAML file in it", file=str(path)) from error
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", file=str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            "is not UTF-8 text; save it as UTF-8", file=str(path), line=line
        ) from error


def _validated(document: Document, path: Path) -> EdgeConfig:
    if not isinstance(document.data, dict):
        problem = Problem(
            message="must be a list of keys with values (site, mqtt, rooms); "
            "start from configs/room.yaml",
            line=document.line(()),
        )
        raise as_error([problem], path)
    try:
        # From JSON, strictly: a list is a tuple and text is a path, but "25" is no number and
        # true is no 1.
        return EdgeConfig.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        # Not chained: pydantic's own message quotes values, passwords too.
        raise as_error(list(explain(error, document)), path) from None


def _file_problems(config: EdgeConfig) -> Sequence[Problem]:
    cameras = ((("rooms", index, "camera"), room.camera) for index, room in enumerate(config.rooms))
    bad = list(bad_uris(cameras))
    if bad:
        return bad
    return [problem for file in named_files(config) if (problem := absent(file))]
