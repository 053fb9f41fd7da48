"""A connection to the site's broker that is kept up for ever, for boxes and stations alike."""

from pain.broker.connection import Connection, Session

__all__ = ["Connection", "Session"]
