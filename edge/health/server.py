"""Serves /metrics for Prometheus, and /health and /ready for whoever asks over HTTP."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app

from edge.health.file import STALE_AFTER_S, Health
from edge.health.metrics import RoomCollector
from edge.health.reporter import Reporter
from pain.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)

SLOWEST_ASKER_S: Final = 10.0


class MetricsServer:
    """A small web server in threads of its own. Started once, stopped once.

    Args:
        host: address to listen at.
        port: 0 for any free one.
        reporter: knows what the main loop said last.
    """

    def __init__(self, *, host: str, port: int, reporter: Reporter) -> None:
        self._reporter = reporter
        registry = CollectorRegistry(auto_describe=False)
        registry.register(RoomCollector(lambda: reporter.samples))
        self._metrics: WSGIApplication = make_wsgi_app(registry)
        try:
            self._server: WSGIServer = make_server(
                host, port, self._answer, ThreadingWSGIServer, handler_class=_Quiet
            )
        except OSError as error:
            raise ConfigError(
                f"nobody can listen there ({error.strerror}): choose another port, or "
                "metrics.enabled: false",
                key="metrics.port",
                value=port,
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        """Port that is listened at."""
        return self._server.server_port

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        _log.info("metrics at http://%s:%d/metrics", self._server.server_name, self.port)

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _answer(self, environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                return self._metrics(environ, respond)
            case "/health":
                health = self._reporter.health
                return _json(respond, health, well=_speaks(health))
            case "/ready":
                health = self._reporter.health
                return _json(respond, health, well=_speaks(health) and health.ready)
            case _:
                respond("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"/metrics, /health, /ready\n"]


class _Quiet(WSGIRequestHandler):
    timeout = SLOWEST_ASKER_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as in the base
        """Not a line for every scrape."""


def _speaks(health: Health) -> bool:
    return 0.0 <= health.age_s() <= STALE_AFTER_S


def _json(respond: StartResponse, health: Health, *, well: bool) -> Iterable[bytes]:
    status = "200 OK" if well else "503 Service Unavailable"
    respond(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    said = health.model_dump(include={"rooms", "record_error"})
    return [json.dumps({"ok": well, "age_s": round(health.age_s(), 1), **said}).encode()]
