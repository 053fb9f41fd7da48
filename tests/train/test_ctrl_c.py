from __future__ import annotations

import signal
import threading

import pytest

from train.ctrl_c import ctrl_c_waits


def interrupted_within(done: list[str]) -> None:
    with ctrl_c_waits():
        signal.raise_signal(signal.SIGINT)
        done.append("all of it")
    done.append("and more")


def test_ctrl_c_comes_when_the_block_has_ended():
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_within(done)
    assert done == ["all of it"]


def test_afterwards_ctrl_c_comes_at_once_again():
    with ctrl_c_waits():
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_error_within_ends_the_block_and_gives_the_handler_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="within"), ctrl_c_waits():
        raise ValueError("within")
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_has_no_signals_and_nothing_to_hold_back():
    done = threading.Event()

    def work() -> None:
        with ctrl_c_waits():
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done.is_set()
