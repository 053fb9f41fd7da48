from __future__ import annotations

import threading
from multiprocessing.connection import Connection, Pipe

import pytest

from edge.worker.courier import Courier, GatewayGone, Heartbeat
from edge.worker.messages import Beat, Ended, Failed, Message, decode
from pain.values import Reason

BEAT = Beat(stages={}, dropped_frames=0)
SOON_S = 10.0


def received(reader: Connection) -> list[Message]:
    messages = []
    while reader.poll():
        messages.append(decode(reader.recv_bytes()))
    return messages


@pytest.mark.parametrize(
    "last", [Ended(), Failed(reason=Reason.CAMERA_LOST, detail="broken", fatal=True)]
)
def test_nothing_follows_the_last_word(last: Message) -> None:
    reader, writer = Pipe(duplex=False)
    courier = Courier(writer)
    for message in (BEAT, last, BEAT, last):
        courier.send(message)
    assert received(reader) == [BEAT, last]


def test_a_failure_that_is_not_fatal_is_no_last_word() -> None:
    reader, writer = Pipe(duplex=False)
    courier = Courier(writer)
    failed = Failed(reason=Reason.CAMERA_LOST, detail="gone", fatal=False)
    for message in (failed, BEAT):
        courier.send(message)
    assert received(reader) == [failed, BEAT]


def test_messages_of_several_threads_do_not_mix() -> None:
    reader, writer = Pipe(duplex=False)
    courier = Courier(writer)
    threads = [
        threading.Thread(target=lambda: [courier.send(BEAT) for _ in range(100)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    heard = [decode(reader.recv_bytes()) for _ in range(400)]
    for thread in threads:
        thread.join()
    assert heard == [BEAT] * 400


def test_a_gateway_that_is_gone_is_noticed() -> None:
    reader, writer = Pipe(duplex=False)
    reader.close()
    with pytest.raises(GatewayGone):
        Courier(writer).send(BEAT)


def test_the_heart_beats_while_the_main_thread_does_nothing_until_it_is_stopped() -> None:
    reader, writer = Pipe(duplex=False)
    heartbeat = Heartbeat(courier=Courier(writer), make=lambda: BEAT)
    heartbeat.start()
    assert [decode(reader.recv_bytes()) for _ in range(3)] == [BEAT] * 3
    heartbeat.stop()


def test_the_heart_stops_when_nobody_listens() -> None:
    reader, writer = Pipe(duplex=False)
    reader.close()
    heartbeat = Heartbeat(courier=Courier(writer), make=lambda: BEAT)
    heartbeat.start()
    heartbeat._thread.join(SOON_S)
    assert not heartbeat._thread.is_alive()
