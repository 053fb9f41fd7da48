"""Everything the worker process does once it is confined; imported in the child alone."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import ExitStack
from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Final

from edge.capture import EveryFrame, LatestFrame, open_source
from edge.config.source_uri import parse_uri
from edge.score import Scorer
from edge.score.embedding import Embedder
from edge.score.occlusion import OcclusionJudge
from edge.track import Landmarker, Tracker, locate_landmarker
from edge.worker.courier import Courier, GatewayGone, Heartbeat
from edge.worker.messages import DETAIL_MAX, EmbeddingInUse, Failed, Hello
from edge.worker.pipeline import Pipeline
from edge.worker.recognise import Recogniser
from edge.worker.settings import WorkerSettings
from edge.worker.vitals import Vitals
from edge.worker.watch import ExitCode, Feed, Watch, stall_limit_s
from pain.clock import SystemClock
from pain.errors import PainwatchError, SourceError
from pain.settings.redact import redact, secrets_of
from pain.values import Reason

LIBRARIES: Final = ("mediapipe", "onnxruntime", "av", "numpy")

_log = logging.getLogger(__name__)


def run(settings: WorkerSettings, connection: Connection, *, network: str) -> ExitCode:
    """Watch one room until told to stop.

    Args:
        settings: the room and its models.
        connection: writing end of the pipe to the gateway.
        network: how this process is kept off the network, for people.

    Returns:
        The exit code.
    """
    courier = Courier(connection)
    stop = _stop_on_sigterm()
    secrets = secrets_of(settings.room.camera.uri)
    try:
        with ExitStack() as stack:
            return _watch(settings, courier, stop, stack, network=network)
    except PainwatchError as error:
        reason = Reason.CAMERA_LOST if isinstance(error, SourceError) else Reason.MODEL_FAILED
        detail = redact(str(error), secrets)
        _log.error("%s", detail)
        courier.send(Failed.because(reason, detail, fatal=True))
        return ExitCode(error.exit_code)
    except GatewayGone:
        return ExitCode.INTERNAL


def _watch(
    settings: WorkerSettings,
    courier: Courier,
    stop: threading.Event,
    stack: ExitStack,
    *,
    network: str,
) -> ExitCode:
    clock = SystemClock()
    camera = settings.room.camera
    source = parse_uri(camera.uri)
    scorer = Scorer(bundle_dir=settings.scoring.bundle, scoring=settings.scoring)
    embedder = _embedder(settings)
    landmarker = stack.enter_context(
        Landmarker(model=locate_landmarker(settings.tracking.landmarker))
    )
    tracker = Tracker(
        landmarker=landmarker,
        tracking=settings.tracking,
        quality=settings.quality,
        zone=settings.room.zone,
        masks=settings.room.masks,
        want_crop=scorer.wants_crop or embedder is not None,
        clock=clock,
        rotate_deg=camera.rotate,
        hidden=None if settings.quality.max_hidden is None else OcclusionJudge().hidden,
    )
    vitals = Vitals(clock)
    # Both models have just answered: the landmarker by loading, the scorer on its golden input.
    vitals.worked("track")
    vitals.worked("score")

    def open_feed() -> Feed:
        if settings.fast:
            return EveryFrame(open_source(camera, fast=True, clock=clock))
        return LatestFrame(lambda: open_source(camera, fast=False, clock=clock))

    def model_failed(detail: str) -> None:
        courier.send(Failed.because(Reason.MODEL_FAILED, detail, fatal=False))

    watch = Watch(
        open_feed=open_feed,
        live=source.is_live,
        camera=camera,
        pipeline=Pipeline(
            tracker=tracker,
            scorer=scorer,
            vitals=vitals,
            report_failure=model_failed,
            stall_s=stall_limit_s(camera),
            recogniser=_recogniser(settings, embedder),
        ),
        vitals=vitals,
        courier=courier,
        stop=stop,
        clock=clock,
        lifeless=lambda: tracker.lifeless,
    )
    courier.send(_hello(settings, scorer, embedder, network=network))
    # Not before the models are loaded: imports hold the interpreter for seconds, and a heart
    # that has begun to beat must not pause.
    heartbeat = Heartbeat(courier=courier, make=watch.beat)
    heartbeat.start()
    stack.callback(heartbeat.stop)
    return watch.run()


def _embedder(settings: WorkerSettings) -> Embedder | None:
    identity = settings.room.identity
    if not identity.enabled or identity.bundle is None:
        return None
    return Embedder(bundle_dir=identity.bundle, threads=settings.scoring.threads)


def _recogniser(settings: WorkerSettings, embedder: Embedder | None) -> Recogniser | None:
    if embedder is None:
        return None
    return Recogniser(embedder, check_every_s=settings.room.identity.check_every_s)


def _hello(
    settings: WorkerSettings, scorer: Scorer, embedder: Embedder | None, *, network: str
) -> Hello:
    recogniser = None
    if embedder is not None:
        recogniser = EmbeddingInUse(
            bundle=embedder.bundle.name,
            bundle_sha256=embedder.bundle.bundle_sha256,
            dimensions=embedder.bundle.dimensions,
        )
    return Hello(
        bundle=scorer.bundle.name,
        bundle_sha256=scorer.bundle.bundle_sha256,
        provider_requested=settings.scoring.provider,
        provider_actual=scorer.provider_actual,
        precision_requested=settings.scoring.precision,
        precision_actual=scorer.precision_actual,
        degraded=scorer.degraded[:DETAIL_MAX] if scorer.degraded else None,
        libraries={name: version(name) for name in LIBRARIES},
        network=network,
        recogniser=recogniser,
    )


def _stop_on_sigterm() -> threading.Event:
    """Turn SIGTERM, which every thread has blocked, into an event.

    A thread of its own waits for it: a Python signal handler would run between two bytecodes of
    the main thread, possibly inside the very lock that it needs.
    """
    stop = threading.Event()

    def wait() -> None:
        signal.sigwait({signal.SIGTERM})
        stop.set()

    threading.Thread(target=wait, name="sigterm", daemon=True).start()
    return stop
