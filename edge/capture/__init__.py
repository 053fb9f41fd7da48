"""Pictures from cameras and video files. Importing it loads no video library."""

from edge.capture.every import EveryFrame
from edge.capture.latest import LatestFrame
from edge.capture.opening import open_source
from edge.capture.redact import RedactingFormatter, redact, secrets_of
from edge.capture.source import EndOfStream, Source, SourceClosed
from edge.capture.uri import SourceKind, SourceUri, parse_uri

__all__ = [
    "EndOfStream",
    "EveryFrame",
    "LatestFrame",
    "RedactingFormatter",
    "Source",
    "SourceClosed",
    "SourceKind",
    "SourceUri",
    "open_source",
    "parse_uri",
    "redact",
    "secrets_of",
]
