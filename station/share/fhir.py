"""Builds the FHIR R4 entries of an export; each is checked by ``fhir.resources``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from fhir.resources.R4B.bundle import BundleEntry

from station.live.values import RoomKey
from station.share.alarms import alarms
from station.share.communications import alarm_communication
from station.share.observations import instant, minute_observation, silence_observation
from station.share.places import Places, full_url
from station.share.source import Source
from station.share.span import Span
from station.share.terms import Terms

Resource = dict[str, Any]

PER_TRANSACTION: Final = 200
"""Servers limit transactions; this stays below the limits that we know of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A resource, and whether what it describes can still grow.

    Attributes:
        key: the room that it refers to.
        resource: the resource as JSON.
        grows: an alarm may be acknowledged later, a silence may end; a minute stays as it is.
    """

    key: RoomKey
    resource: Resource
    grows: bool


def resources(
    source: Source,
    keys: Sequence[RoomKey],
    span: Span,
    *,
    now: datetime,
    terms: Terms,
    places: Places,
) -> Iterator[Grown]:
    """Minutes, silences and alarms, room by room."""
    for key in keys:
        for minute in source.minutes(key, span.settled(now)):
            made = minute_observation(key, minute, terms, places)
            yield Grown(key=key, resource=made, grows=False)
        for silence in source.silences(key, span):
            made = silence_observation(key, silence, terms, places)
            yield Grown(key=key, resource=made, grows=True)
        events = source.events(key, since=span.since, until=None)
        for alarm in alarms(events, until=span.until):
            made = alarm_communication(alarm, terms, places)
            yield Grown(key=key, resource=made, grows=True)


def collection(
    found: Iterable[Grown],
    keys: Sequence[RoomKey],
    *,
    now: datetime,
    terms: Terms,
    places: Places,
) -> Iterator[str]:
    """The text of a Bundle of type collection, in pieces, so that it fits any memory."""
    yield f'{{"resourceType":"Bundle","type":"collection","timestamp":"{instant(now)}","entry":['
    comma = ""
    for resource in _basis(keys, terms, places):
        yield comma + _text(resource)
        comma = ",\n"
    for one in found:
        yield comma + _text(one.resource)
    yield "]}\n"


def transactions(
    found: Iterable[Grown], *, terms: Terms, places: Places, size: int = PER_TRANSACTION
) -> Iterator[str]:
    """Bundles of type transaction that create nothing twice, however often they are sent.

    Each carries the rooms and boxes to which it refers. What is complete is created unless it is
    there; what can grow is updated by its identifier, so that an acknowledgement that came later
    reaches the server too.
    """
    piece: list[Grown] = []
    for one in found:
        piece.append(one)
        if len(piece) == size:
            yield _transaction(piece, terms, places)
            piece = []
    if piece:
        yield _transaction(piece, terms, places)


def _transaction(piece: Sequence[Grown], terms: Terms, places: Places) -> str:
    keys = sorted({one.key for one in piece})
    entries = [
        _text(resource, create=_search(resource)) for resource in _basis(keys, terms, places)
    ]
    for one in piece:
        search = _search(one.resource)
        if one.grows:
            entries.append(_text(one.resource, update=search))
        else:
            entries.append(_text(one.resource, create=search))
    return '{"resourceType":"Bundle","type":"transaction","entry":[' + ",\n".join(entries) + "]}"


def _basis(keys: Sequence[RoomKey], terms: Terms, places: Places) -> Iterator[Resource]:
    """What the others refer to."""
    yield from terms.code_systems()
    for key in keys:
        yield places.location(key)
        yield places.box(key)


def _search(resource: Resource) -> str:
    """What finds the resource at a server."""
    if resource["resourceType"] == "CodeSystem":
        return f"url={_quoted(resource['url'])}&version={_quoted(resource['version'])}"
    identifier = resource["identifier"][0]
    return f"identifier={_quoted(identifier['system'])}|{_quoted(identifier['value'])}"


def _quoted(text: str) -> str:
    return quote(text, safe=":/")


def _text(resource: Resource, *, create: str | None = None, update: str | None = None) -> str:
    """An entry as text; building it through the library is the check of all that is in it."""
    kind = resource["resourceType"]
    entry: Resource = {"fullUrl": _full_url(resource), "resource": resource}
    if create is not None:
        entry["request"] = {"method": "POST", "url": kind, "ifNoneExist": create}
    if update is not None:
        entry["request"] = {"method": "PUT", "url": f"{kind}?{update}"}
    return BundleEntry.model_validate(entry).model_dump_json()


def _full_url(resource: Resource) -> str:
    if resource["resourceType"] == "CodeSystem":
        return full_url({"system": resource["url"], "value": resource["version"]})
    return full_url(resource["identifier"][0])
