"""Our HTML templates; every value that is put in is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("station.board", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, /, **values: Any) -> Markup:
    """Fill in a template.

    Args:
        template: file in the templates folder.
        values: what is put in; a missing one is an error.
    """
    return Markup(_environment().get_template(template).render(values))  # noqa: S704  it escapes
