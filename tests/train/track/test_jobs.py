from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.track.faces import sample
from train.data import Half, Sample
from train.track.jobs import STILLS_PER_PORTION, Job, jobs_of, portions


def frames(contents: Sequence[str], *, step_s: float = 0.04, start_s: float = 0.0) -> list[Sample]:
    return [
        sample(Path(content), id=str(at), sequence="clip", time_s=start_s + at * step_s)
        for at, content in enumerate(contents)
    ]


def keys(samples: Sequence[Sample]) -> list[bytes]:
    hashes = {Path(name): name for name in "abcdefgh"}
    return [job.key for run in jobs_of(samples, hashes) for job in run]


CONTENTS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8)


@given(CONTENTS, st.data())
def test_a_frames_key_tells_of_every_frame_before_it(contents: list[str], data: st.DataObject):
    at = data.draw(st.integers(0, len(contents) - 1))
    changed = [*contents[:at], "h", *contents[at + 1 :]]
    one, other = keys(frames(contents)), keys(frames(changed))
    assert one[:at] == other[:at]
    assert all(a != b for a, b in zip(one[at:], other[at:], strict=True))


@given(CONTENTS)
def test_a_clips_frames_all_have_keys_of_their_own(contents: list[str]):
    assert len(set(keys(frames(contents)))) == len(contents)


def test_the_pace_of_a_clip_counts_but_not_when_it_starts():
    assert keys(frames("abc")) == keys(frames("abc", start_s=10.0))
    assert keys(frames("abc"))[1:] != keys(frames("abc", step_s=0.1))[1:]


@pytest.mark.parametrize("half", [Half.LEFT, Half.RIGHT])
def test_the_half_counts(half: Half):
    assert keys([sample(Path("a"))]) != keys([sample(Path("a"), half=half)])


def test_stills_know_nothing_of_each_other():
    assert keys([sample(Path("a")), sample(Path("b"))])[1] == keys([sample(Path("b"))])[0]


def job(key: int) -> Job:
    return Job(key=key.to_bytes(32, "big"), image=Path("a"), half=None, frame=None, time_s=0.0)


@given(st.integers(0, 3 * STILLS_PER_PORTION), st.sets(st.integers(0, 200)))
def test_missing_stills_come_exactly_once(count: int, known: set[int]):
    runs = [[job(key)] for key in range(count)]
    work = list(portions(runs, known={job(key).key for key in known}))
    done = [j.key for portion in work for j in portion.jobs]
    assert done == [job(key).key for key in range(count) if key not in known]
    assert all(0 < len(portion.jobs) <= STILLS_PER_PORTION for portion in work)


@pytest.mark.parametrize(("known", "again"), [((0, 1, 2), 0), ((0, 2), 3), ((), 3)])
def test_a_clip_is_done_whole_or_not_at_all(known: tuple[int, ...], again: int):
    clip = [job(0), job(1), job(2)]
    work = list(portions([clip], known={job(key).key for key in known}))
    assert sum(len(portion.jobs) for portion in work) == again
    assert all(portion.clip for portion in work)
