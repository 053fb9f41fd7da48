"""The order of messages, without any broker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.backlog import Backlog
from edge.mqtt.outbox import Kind, Outbox, Outgoing

ONLINE = Outgoing(kind=Kind.AVAILABILITY, topic="availability", payload=b"online")
STOPPED = Outgoing(kind=Kind.AVAILABILITY, topic="availability", payload=b"stopped")


def message(kind: Kind, topic: str = "", payload: bytes = b"") -> Outgoing:
    return Outgoing(kind=kind, topic=topic or kind.name, payload=payload)


STATUS = message(Kind.STATUS)


class Room:
    """An outbox with its backlog, in memory."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.outbox = Outbox(online=ONLINE, event_topic="EVENT", backlog=self.backlog)

    def put(self, *messages: Outgoing) -> None:
        for one in messages:
            if one.kind is Kind.EVENT:
                self.backlog.append([one.payload])
            else:
                self.outbox.put(one)


def drain(outbox: Outbox) -> list[Outgoing]:
    """Send and acknowledge all that may be sent."""
    sent = []
    mid = 0
    while (head := outbox.next()) is not None:
        sent.append(head)
        if head.qos:
            mid += 1
            outbox.sent(mid)
            outbox.acknowledged(mid)
    return sent


def test_nothing_leaves_before_the_connection() -> None:
    room = Room()
    outbox = room.outbox
    outbox.put(STATUS)
    room.put(message(Kind.EVENT))
    assert outbox.next() is None


def test_a_birth_comes_before_the_events_that_waited() -> None:
    room = Room()
    outbox = room.outbox
    kinds = [Kind.EVENT, Kind.DISCOVERY, Kind.STATUS, Kind.EVENT, Kind.ALARM]
    for kind in kinds:
        room.put(message(kind))
    outbox.connected()
    assert [sent.kind for sent in drain(outbox)] == [
        Kind.ALARM,
        Kind.STATUS,
        Kind.AVAILABILITY,
        Kind.EVENT,
        Kind.EVENT,
        Kind.DISCOVERY,
    ]


def test_state_and_events_take_turns_and_the_farewell_comes_last() -> None:
    room = Room()
    outbox = room.outbox
    room.put(STATUS)
    outbox.connected()
    drain(outbox)
    room.put(message(Kind.EVENT, payload=b"1"), STOPPED, message(Kind.ALARM))
    room.put(message(Kind.EVENT, payload=b"2"))
    assert outbox.pending == 4
    assert drain(outbox) == [
        message(Kind.EVENT, payload=b"1"),
        message(Kind.ALARM),
        message(Kind.EVENT, payload=b"2"),
        STOPPED,
    ]
    assert outbox.pending == 0


def test_a_newer_state_takes_the_place_of_one_that_was_not_sent_yet() -> None:
    outbox = Room().outbox
    outbox.connected()
    outbox.put(message(Kind.ALARM, payload=b"on"))
    assert outbox.next() == message(Kind.ALARM, payload=b"on")
    outbox.sent(1)
    outbox.put(message(Kind.ALARM, payload=b"latched"))
    outbox.put(message(Kind.ALARM, payload=b"off"))
    assert outbox.pending == 2
    outbox.acknowledged(1)
    assert drain(outbox) == [message(Kind.ALARM, payload=b"off")]


def test_a_status_that_comes_while_an_event_is_in_flight_is_not_taken_for_it() -> None:
    room = Room()
    outbox = room.outbox
    outbox.connected()
    room.put(message(Kind.EVENT, payload=b"1"))
    offered = outbox.next()
    room.put(STATUS)  # by another thread, before the packet id is known
    outbox.sent(1)
    assert outbox.acknowledged(1) == offered
    assert drain(outbox) == [STATUS, ONLINE]


def test_online_is_not_said_without_a_status() -> None:
    room = Room()
    outbox = room.outbox
    outbox.put(message(Kind.ALARM))
    outbox.connected()
    assert ONLINE not in drain(outbox)
    outbox.put(STATUS)
    assert drain(outbox) == [STATUS, ONLINE]
    outbox.put(STATUS)
    assert drain(outbox) == [STATUS]


def test_the_next_message_waits_for_the_acknowledgement() -> None:
    room = Room()
    outbox = room.outbox
    outbox.connected()
    room.put(message(Kind.EVENT, payload=b"1"))
    room.put(message(Kind.EVENT, payload=b"2"))
    assert outbox.next() is not None
    outbox.sent(7)
    assert outbox.next() is None
    assert outbox.acknowledged(8) is None
    assert outbox.acknowledged(7) == message(Kind.EVENT, payload=b"1")
    assert outbox.next() == message(Kind.EVENT, payload=b"2")


def test_a_reading_does_not_wait_for_it() -> None:
    room = Room()
    outbox = room.outbox
    outbox.connected()
    outbox.put(message(Kind.READING))
    (first,) = drain(outbox)
    assert (first.kind, first.qos) == (Kind.READING, 1), "the first is to be acknowledged"
    room.put(message(Kind.EVENT))
    assert outbox.next() is not None
    outbox.sent(7)
    outbox.put(message(Kind.READING))
    assert outbox.next() == message(Kind.READING)
    assert outbox.pending == 1


def test_readings_that_are_not_sent_are_counted() -> None:
    room = Room()
    outbox = room.outbox
    outbox.put(message(Kind.READING))
    outbox.connected()
    outbox.put(message(Kind.READING))
    outbox.disconnected()
    outbox.connected()
    assert outbox.next() is None
    assert outbox.dropped_readings == 2


def test_a_refused_event_stays_and_other_refused_messages_go() -> None:
    room = Room()
    outbox = room.outbox
    outbox.connected()
    outbox.put(STATUS)
    assert outbox.next() is not None
    outbox.sent(1)
    assert outbox.refused(1) == STATUS
    assert outbox.next() is not None
    outbox.sent(2)
    assert outbox.refused(2) == ONLINE
    room.put(message(Kind.EVENT))
    assert outbox.next() is not None
    outbox.sent(3)
    assert outbox.refused(3) == message(Kind.EVENT)
    assert outbox.pending == 1
    assert outbox.next() is None, "it is not sent again on this connection"
    outbox.disconnected()
    outbox.connected()
    assert drain(outbox)[-1] == message(Kind.EVENT)


STEPS = st.lists(
    st.sampled_from(["connect", "disconnect", "event", "status", "send", "acknowledge"])
)


@given(steps=STEPS)
def test_no_event_is_lost_or_overtaken_whatever_the_network_does(steps: list[str]) -> None:
    room = Room()
    outbox = room.outbox
    put: list[bytes] = []
    taken: list[bytes] = []  # what the broker has, in the order in which it came
    up = False
    in_flight: Outgoing | None = None
    mid = 0
    for step in [*steps, "disconnect", "connect"]:
        match step:
            case "connect" if not up:
                up = True
                outbox.connected()
            case "disconnect":
                up, in_flight = False, None
                outbox.disconnected()
            case "event":
                put.append(b"%d" % len(put))
                room.put(message(Kind.EVENT, payload=put[-1]))
            case "status":
                outbox.put(STATUS)
            case "send" if (head := outbox.next()) is not None:
                assert in_flight is None
                mid += 1
                outbox.sent(mid)
                in_flight = head
                if head.kind is Kind.EVENT:
                    taken.append(head.payload)
            case "acknowledge" if in_flight is not None:
                assert outbox.acknowledged(mid) == in_flight
                in_flight = None
    taken += [sent.payload for sent in drain(outbox) if sent.kind is Kind.EVENT]
    assert list(dict.fromkeys(taken)) == put
    repeats = [i for i in range(1, len(taken)) if taken[i] in taken[:i]]
    assert all(taken[i] == taken[i - 1] for i in repeats), "only the one in flight may repeat"
    assert outbox.pending == 0
