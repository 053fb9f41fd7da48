"""Where pictures come from, as one line in the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

from pain.errors import SourceError

EXAMPLES: Final = (
    "v4l2:///dev/video0, rtsp://user:password@host/stream, file:///path/clip.mp4 or a plain path"
)

_SCHEME: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")


class SourceKind(StrEnum):
    """Kinds of source."""

    FILE = "file"
    V4L2 = "v4l2"
    RTSP = "rtsp"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUri:
    """A parsed source.

    Attributes:
        kind: how it is read.
        location: path of a file or device, or the whole URL of an RTSP stream. It may hold a
            password, so it is left out of ``repr`` and belongs in no message; use ``label``.
        label: the source in words that may be shown to anybody.
    """

    kind: SourceKind
    location: str = field(repr=False)
    label: str

    @property
    def is_live(self) -> bool:
        """Whether it is a camera, which may come back after it was lost."""
        return self.kind is not SourceKind.FILE

    @property
    def needs_network(self) -> bool:
        """Whether it cannot be read without a network."""
        return self.kind is SourceKind.RTSP


def parse_uri(uri: str) -> SourceUri:
    """Read a source from its URI or path. Looks at the text alone, opens nothing.

    Raises:
        SourceError: an unknown scheme, or a URI that lacks a host or a path.
    """
    match = _SCHEME.match(uri)
    if match is None:
        return _parse_path(uri)
    scheme = match.group(1).lower()
    if scheme == "file":
        return _parse_local(uri, SourceKind.FILE, example="file:///path/clip.mp4")
    if scheme == "v4l2":
        return _parse_local(uri, SourceKind.V4L2, example="v4l2:///dev/video0")
    if scheme in ("rtsp", "rtsps"):
        return _parse_rtsp(uri, scheme)
    raise SourceError(f"painwatch reads no {scheme}:// sources; use {EXAMPLES}")


def _parse_path(path: str) -> SourceUri:
    for scheme in ("v4l2:", "rtsp:", "rtsps:", "file:"):
        if path.lower().startswith(scheme):
            raise SourceError(f"{scheme} needs two slashes after it; use {EXAMPLES}")
    if not path.strip():
        raise SourceError(f"the source is empty; use {EXAMPLES}")
    return SourceUri(kind=SourceKind.FILE, location=path, label=path)


def _parse_local(uri: str, kind: SourceKind, *, example: str) -> SourceUri:
    rest = uri.split("://", 1)[1]
    rest = rest.removeprefix("localhost")
    if not rest.startswith("/") or rest == "/":
        raise SourceError(
            f"{uri!r} names no absolute path; a path begins with a third slash: {example}"
        )
    path = unquote(rest)
    return SourceUri(kind=kind, location=path, label=path)


def _parse_rtsp(uri: str, scheme: str) -> SourceUri:
    _, *after_host = re.split(r"[/?#]", uri.split("://", 1)[1], maxsplit=1)
    if "@" in "".join(after_host):
        raise SourceError(
            f"the {scheme}:// address of this camera has an '@' after its host; in a password "
            "or path write '/', '?', '#' and '@' as %2F, %3F, %23 and %40"
        )
    # Nothing of a URL that cannot be taken apart is shown: its password may sit anywhere.
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SourceError(
            f"the {scheme}:// address of this camera has no valid host or port; "
            f"write {scheme}://user:password@host:554/stream"
        ) from error
    if not host:
        raise SourceError(
            f"the {scheme}:// address of this camera names no host; "
            f"write {scheme}://user:password@host/stream"
        )
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = f":{port}" if port is not None else ""
    return SourceUri(
        kind=SourceKind.RTSP,
        location=uri,
        label=f"{scheme}://{shown_host}{shown_port}{_shown_path(parts.path, parts.query)}",
    )


def _shown_path(path: str, query: str) -> str:
    # Many cameras take user and password as parameters, in the query or inside the path.
    return "/…" if query or re.search(r"[=&;]", path) else path
