"""Damages valid documents by their values, which damage by bytes would seldom leave readable."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

HOSTILE: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**70), 0.0, -0.0, 1e308, 1e-320),
    *(float("nan"), float("inf"), float("-inf"), "", " ", "\0", "nan", "../../etc/passwd", "%s%n"),
    *("'; DROP TABLE event; --", "<script>alert(1)</script>", "painwatch/#", "+/+", "\ud7ff\uffff"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30T25:61:00Z", "P1D"),
    *("00000000-0000-0000-0000-000000000000", "x" * 4200, "é" * 300, "1" * 400, "https://x/" * 30),
    *("~", "~nobody-of-this-name/x", "\ud800", "a" * 64, json.loads("[" * 150 + "]" * 150)),
    *([], {}, [[]], {"": {}}, [None] * 12, {"schema_version": 2}, {"__proto__": {}}),
)
"""Values that broke parsers before: extremes, wrong types, injections, other people's dates."""

_NEW_KEYS: Final = ("", "x", "schema_version", "id", "uri", "0")


def as_json(document: Any, *, ascii_only: bool = True) -> bytes:
    """JSON as a careless sender writes it, NaN and lone surrogates included."""
    return json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def damaged(rng: random.Random, document: Any) -> Any:
    """The document, with one to four of its values replaced, copied, added or taken out."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        place = _place(rng, document)
        if place is None:
            return copy.deepcopy(rng.choice(HOSTILE))
        _damage(rng, document, *place)
    return document


def _damage(rng: random.Random, document: Any, holder: Any, key: Any) -> None:
    match rng.randrange(6):
        case 0 | 1 | 2:
            holder[key] = copy.deepcopy(rng.choice(HOSTILE))
        case 3:
            del holder[key]
        case 4:
            other, theirs = _place(rng, document) or (holder, key)
            holder[key] = copy.deepcopy(other[theirs])
        case _:
            new = copy.deepcopy(rng.choice(HOSTILE))
            if isinstance(holder, dict):
                holder[rng.choice(_NEW_KEYS)] = new
            else:
                holder.append(new)


def _place(rng: random.Random, document: Any) -> tuple[Any, Any] | None:
    """A value somewhere in the document, as its holder and its key there."""
    place = None
    value = document
    while isinstance(value, dict | list) and value and (place is None or rng.random() < 0.7):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        place = value, rng.choice(keys)
        value = place[0][place[1]]
    return place
