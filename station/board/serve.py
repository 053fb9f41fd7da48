"""Serves the board on the station's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from pain.clock import SystemClock
from pain.errors import UsageError
from station.access.access import Access
from station.access.door import Door
from station.access.guard import AccessGuard
from station.app import StationApp
from station.board.certificate import check_certificate
from station.board.feed import Feed
from station.board.overview import add_overview
from station.board.room_page import add_room_page
from station.board.visit import Board
from station.config.root import StationConfig
from station.words import Language

_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Leaves signals to the station, which has more to end than a web server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(station: StationApp, config: StationConfig) -> None:
    """Serve the board until cancelled. Once in a process: NiceGUI's pages are global.

    Raises:
        ConfigError: the certificate or its key cannot be used.
        UsageError: the address cannot be listened at.
    """
    web = config.web
    check_certificate(web)
    clock = SystemClock()
    access = Access(station.engine, clock, session_hours=web.session_hours)
    feed = Feed(station, clock, moderate_from=config.board.moderate_from)
    board = Board(station=station, config=config, access=access, feed=feed, clock=clock)
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    door = Door(
        access,
        language=Language(config.board.language),
        secure=web.cert_file is not None or web.plaintext,
        session_s=web.session_hours * 3600,
    )
    api.router.routes += door.routes()
    static = Path(str(files("station.board") / "static"))
    nicegui_app.add_static_files("/board", static)
    add_overview(board)
    add_room_page(board)
    ui.run_with(
        api,
        title="painwatch",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10.0,
        binding_refresh_interval=None,
    )
    server = _Server(
        uvicorn.Config(
            AccessGuard(api, access),
            host=web.host,
            port=web.port,
            ssl_certfile=web.cert_file,
            ssl_keyfile=web.key_file,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            # The default reads whatever a client says its address is.
            proxy_headers=web.plaintext,
            forwarded_allow_ips="127.0.0.1",
            timeout_graceful_shutdown=2,
        )
    )
    feeding = asyncio.create_task(feed.run(), name="board-feed")
    serving = asyncio.create_task(server.serve(), name="board-server")
    scheme = "https" if web.cert_file else "http"
    try:
        _log.info("the board is at %s://%s:%d/", scheme, web.host, web.port)
        code = await asyncio.to_thread(access.first_run_code)
        if code is not None:
            _log.warning(
                "nobody can log in yet: open the board within an hour and enter the code %s", code
            )
        await asyncio.shield(serving)
    except SystemExit as error:
        # Uvicorn has logged why.
        raise UsageError(
            f"the board cannot listen at {web.host}:{web.port}: another program may be there "
            "already; choose another web.port"
        ) from error
    finally:
        feeding.cancel()
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError, SystemExit):
            # What was cancelled is no reason to leave the server before it has ended.
            await asyncio.gather(feeding, serving, return_exceptions=True)
