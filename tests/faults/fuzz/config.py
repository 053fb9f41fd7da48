"""Config files: refused in words that name the file, with exit code 2, or taken."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import atheris

with atheris.instrument_imports(
    include=["edge", "pain", "yaml"],
    # These look at every key or character of every input, or say in words what was found before: to
    # follow them too would take most of the time. What they raise is found all the same.
    exclude=[
        *("yaml.reader", "yaml.scanner", "pain.errors", "pain.settings.explain"),
        *("pain.settings.files", "pain.settings.problem", "pain.settings.redact"),
        "pain.settings.section",
    ],
):
    import yaml

    from edge.config.load import config_of, load_config
    from pain.errors import ConfigError
    from pain.settings.document import Document

from tests.faults.fuzz.damage import as_json
from tests.faults.fuzz.engine import Mutator, OneFile, fuzz

ROOM: Final = (Path(__file__).parents[3] / "configs" / "room.yaml").read_bytes()
SMALL: Final = b"site: a\nmqtt: {host: h}\nrooms:\n- {id: r, camera: {uri: 'v4l2:///dev/video0'}}\n"


def _documents() -> list[Any]:
    """The real file with one room, since it is long, and the smallest one."""
    room = yaml.safe_load(ROOM)
    small = yaml.safe_load(SMALL)
    return [{**room, "rooms": room["rooms"][:1]}, small, small, small, small]


DOCUMENTS: Final = _documents()
WORDS: Final = (
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\xaf", b"&a ", b"*a ", b"<<: *a\n", b"- ", b"? ", b"|\n"),
    *(
        b"---\n",
        b"...\n",
        b"%YAML 9.9\n",
        b"!!python/object/apply:os.system ",
        b"!!int ",
        b"!!null ",
    ),
    *(
        b"!!float ",
        b"!!bool ",
        b"!!str ",
        b"!!timestamp ",
        b"!!binary ",
        b"!!set ",
        b"!x ",
        b".nan",
    ),
    *(
        b"-.inf",
        b"0x",
        b"0b",
        b"0o",
        b":59",
        b"1e999",
        b"_",
        b"~",
        b"yes",
        b"2026-01-01",
        b"\\ud800",
    ),
    *(b"site", b"mqtt", b"host", b"rooms", b"id", b"camera", b"uri", b"rtsp://a:b@c/", b"zone"),
)

FILE: Final = OneFile("room.yaml")

AS_FILE: Final = 500
"""One JSON document of so many is read as a file too: JSON is YAML, but slow to read as such."""


def one(data: bytes) -> str:
    """Read one input: JSON as the values of a file, anything else as the file."""
    outcomes = []
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        values = None
    else:
        document = Document(file=str(FILE.path), data=values)
        outcomes.append(_outcome(lambda: config_of(document, FILE.path.parent)))
    if not outcomes or zlib.crc32(data) % AS_FILE == 0:
        FILE.write(data)
        outcomes.append(_outcome(lambda: load_config(FILE.path)))
    return outcomes[0]


def _outcome(read: Callable[[], object]) -> str:
    refusal = None
    try:
        read()
    except ConfigError as error:
        refusal = error
    if refusal is None:
        return "taken"
    assert (refusal.exit_code, refusal.file) == (2, str(FILE.path))
    return "refused"


if __name__ == "__main__":
    fuzz(
        one,
        seeds=[ROOM, SMALL, as_json(DOCUMENTS[-1]), b"[" * 400, b"- " * 400],
        # PyYAML reads a few hundred small texts a second.
        mutator=Mutator(documents=DOCUMENTS, by_bytes=0.05, short=400),
        words=WORDS,
        max_len=6000,
    )
