"""Output on terminals and pipes that do not take every letter."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata
from typing import Final

HANDLER: Final = "painwatch-plain"
"""Name of the error handler; see ``codecs.register_error``."""

_PLAIN: Final = {
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{LEFTWARDS ARROW}": "<-",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{CHECK MARK}": "ok",
    "\N{BALLOT X}": "x",
}


def plain(text: str) -> str:
    """The nearest ASCII: dots for an ellipsis, a letter without its accent, ``?`` for the rest."""
    return "".join(
        _PLAIN.get(letter)
        or unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        or "?"
        for letter in text
    )


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


def say_it_plainly() -> None:
    """Have standard output and error write what they can, and the nearest to the rest.

    A terminal set to Latin-1, or a pipe in the C locale, would end a command with a traceback at
    the first line of a table.
    """
    codecs.register_error(HANDLER, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
