"""Read a config file; every mistake in it is told with file, line, key and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.config.files import bad_uris, named_files, resolved
from edge.config.root import EdgeConfig
from pain.settings import read_settings
from pain.settings.files import absent
from pain.settings.problem import Problem, as_error

_EXAMPLE: Final = "configs/room.yaml"


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
    written, document = read_settings(path, EdgeConfig, example=_EXAMPLE)
    config = resolved(written, path.absolute().parent)
    problems = _file_problems(config)
    if problems:
        raise as_error(
            [replace(problem, line=document.line(problem.path)) for problem in problems],
            document.file,
        )
    return config


def _file_problems(config: EdgeConfig) -> Sequence[Problem]:
    bad = list(bad_uris(config))
    if bad:
        return bad
    return [problem for file in named_files(config) if (problem := absent(file))]
