"""Damages valid documents: their bytes, and their values."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any, Final

HOSTILE: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**70), 0.0, -0.0, 1e308, 1e-320),
    *(float("nan"), float("inf"), float("-inf"), "", " ", "\0", "nan", "../../etc/passwd", "%s%n"),
    *("'; DROP TABLE event; --", "<script>alert(1)</script>", "painwatch/#", "+/+", "\ud7ff\uffff"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30T25:61:00Z", "P1D"),
    *("00000000-0000-0000-0000-000000000000", "x" * 5000, "é" * 300, "1" * 400, "https://x/" * 30),
    *([], {}, [[]], {"": {}}, [None] * 50, {"schema_version": 2}, {"__proto__": {}}),
)
"""Values that broke parsers before: extremes, wrong types, injections, other people's dates."""

_PIECES: Final = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\xaf", b"{", b"}", b"[" * 2000, b'"', b":", b","),
    *(b"&a ", b"*a ", b"!!python/object/apply:os.system ", b"\t", b"- ", b"? ", b"|\n", b"---\n"),
    *(b"1e999", b"NaN", b"-", b"\\u0000", b"\\ud800", b"#", b"%YAML 9.9\n", b"<<: *a\n", b"\r"),
)


def damaged_values(seed: int, documents: list[Any], count: int) -> Iterator[Any]:
    """Copies of documents with one to four of their values replaced, moved, added or taken out."""
    rng = random.Random(seed)  # noqa: S311  (a repeatable choice, no secret)
    for _ in range(count):
        document = copy.deepcopy(rng.choice(documents))
        for _ in range(rng.randint(1, 4)):
            document = _damage(rng, document)
        yield document


def damaged_bytes(seed: int, texts: list[bytes], count: int) -> Iterator[bytes]:
    """Copies of texts with bytes changed, cut out, doubled, or strange ones put in."""
    rng = random.Random(seed)  # noqa: S311
    for _ in range(count):
        text = bytearray(rng.choice(texts))
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(text) + 1)
            upto = min(len(text), at + rng.choice((1, 2, 8, 64)))
            match rng.randrange(5):
                case 0:
                    text[at:upto] = bytes(rng.randrange(256) for _ in range(upto - at))
                case 1:
                    del text[at:upto]
                case 2:
                    text[at:at] = text[at:upto] * rng.choice((1, 2, 50))
                case 3:
                    text[at:at] = rng.choice(_PIECES)
                case _:
                    del text[at:]
        yield bytes(text)


def as_json(document: Any) -> bytes:
    """JSON as a careless sender writes it, NaN and lone surrogates included."""
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _damage(rng: random.Random, document: Any) -> Any:
    places = list(_places(document))
    if not places:
        return rng.choice(HOSTILE)
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0 | 1 | 2:
            holder[key] = copy.deepcopy(rng.choice(HOSTILE))
        case 3:
            del holder[key]
        case 4:
            other, theirs = rng.choice(places)
            holder[key] = copy.deepcopy(other[theirs])
        case _:
            new = rng.choice(("", "x", "schema_version", "id", "uri", "0"))
            if isinstance(holder, dict):
                holder[new] = copy.deepcopy(rng.choice(HOSTILE))
            else:
                holder.append(copy.deepcopy(rng.choice(HOSTILE)))
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from _places(item)
