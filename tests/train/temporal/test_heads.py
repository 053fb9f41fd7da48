from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from train.temporal import GruHead, TcnHead, TemporalHead

WIDTH, OUTPUTS, FRAMES = 5, 3, 20
Make = Callable[[], TemporalHead]


def gru() -> TemporalHead:
    return GruHead(width=WIDTH, outputs=OUTPUTS, units=8)


def tcn() -> TemporalHead:
    return TcnHead(width=WIDTH, outputs=OUTPUTS, channels=8, blocks=2)


BOTH = pytest.mark.parametrize("make", [gru, tcn])


def made(make: Make) -> TemporalHead:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        return make().eval()


def clips(count: int = 2, frames: int = FRAMES) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    features = torch.randn(count, frames, WIDTH, generator=generator)
    elapsed_s = torch.rand(count, frames, generator=generator) * 2
    return features, elapsed_s


@BOTH
def test_every_frame_of_every_clip_has_outputs(make: Make):
    features, elapsed_s = clips(3)

    assert made(make)(features, elapsed_s).shape == (3, FRAMES, OUTPUTS)


@BOTH
@given(at=st.integers(1, FRAMES - 1))
@settings(max_examples=15)
def test_a_later_frame_changes_no_earlier_output(make: Make, at: int):
    head = made(make)
    features, elapsed_s = clips()
    changed, later_s = features.clone(), elapsed_s.clone()
    changed[:, at:] += 3
    later_s[:, at:] += 1

    before, after = head(features, elapsed_s), head(changed, later_s)

    assert torch.equal(before[:, :at], after[:, :at])
    assert (before[:, at] != after[:, at]).any()


@BOTH
def test_frame_by_frame_gives_what_the_whole_clip_gives(make: Make):
    head = made(make)
    features, elapsed_s = clips()
    state = head.start(2)
    found = []
    for frame, elapsed in zip(features.unbind(1), elapsed_s.unbind(1), strict=True):
        outputs, state = head.step(frame, elapsed, state)
        found.append(outputs)

    expected = head(features, elapsed_s)

    torch.testing.assert_close(torch.stack(found, dim=1), expected, atol=1e-5, rtol=1e-4)


@BOTH
def test_the_memory_of_a_stream_does_not_grow(make: Make):
    head = made(make)
    start = head.start(1)
    state = start
    for _ in range(30):
        _, state = head.step(torch.randn(1, WIDTH), torch.zeros(1), state)

    assert [part.shape for part in state] == [part.shape for part in start]


@BOTH
def test_clips_in_a_batch_do_not_see_each_other(make: Make):
    head = made(make)
    features, elapsed_s = clips(2)

    together = head(features, elapsed_s)[1:]

    torch.testing.assert_close(together, head(features[1:], elapsed_s[1:]), atol=1e-5, rtol=1e-4)


@BOTH
def test_how_long_it_took_matters(make: Make):
    head = made(make)
    features, elapsed_s = clips()

    assert not torch.allclose(head(features, elapsed_s), head(features, elapsed_s * 4))


def test_after_a_long_gap_the_gru_knows_no_past():
    head = made(gru)
    features, elapsed_s = clips()
    elapsed_s[:, 10] = 3600.0
    other = features.clone()
    other[:, :10] *= -1

    with_one, with_other = head(features, elapsed_s), head(other, elapsed_s)

    assert not torch.allclose(with_one[:, 9], with_other[:, 9])
    torch.testing.assert_close(with_one[:, 10:], with_other[:, 10:])


def test_two_short_gaps_forget_as_much_as_one_of_their_sum():
    head = made(gru)
    assert isinstance(head, GruHead)
    rate = torch.nn.functional.softplus(head.rate)

    assert torch.allclose(rate, torch.full_like(rate, 0.1))
    once, twice = torch.exp(-2.0 * rate), torch.exp(-1.2 * rate) * torch.exp(-0.8 * rate)
    torch.testing.assert_close(once, twice)


def test_the_tcn_sees_exactly_as_far_back_as_it_says():
    head = made(tcn)
    assert isinstance(head, TcnHead)
    assert head.sees_ticks == 1 + 2 * (2 + 4)
    features, elapsed_s = clips(1)

    def last_when_changed(ticks_back: int) -> torch.Tensor:
        changed = features.clone()
        changed[:, -1 - ticks_back] += 100
        return head(changed, elapsed_s)[:, -1]

    before = head(features, elapsed_s)[:, -1]
    assert not torch.equal(last_when_changed(head.sees_ticks - 1), before)
    assert torch.equal(last_when_changed(head.sees_ticks), before)


@BOTH
def test_it_learns_what_no_single_frame_shows(make: Make):
    # A grimace counts once it has lasted three frames; a blink of one frame never does.
    generator = torch.Generator().manual_seed(2)
    signal = (torch.rand(64, 30, generator=generator) < 0.6).float()
    lasted = signal.clone()
    lasted[:, 1:] *= signal[:, :-1]
    lasted[:, 2:] *= signal[:, :-2]
    lasted[:, :2] = 0
    features = torch.stack([signal, 1 - signal], dim=-1)
    features = torch.cat([features, torch.zeros(64, 30, WIDTH - 2)], dim=-1)
    elapsed_s = torch.full((64, 30), 0.1)
    head = made(make).train()
    optimiser = torch.optim.Adam(head.parameters(), lr=0.02)

    for _ in range(60):
        optimiser.zero_grad()
        found = head(features[:48], elapsed_s[:48])[..., 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(found, lasted[:48])
        loss.backward()
        optimiser.step()

    right = (head.eval()(features[48:], elapsed_s[48:])[..., 0] > 0).float() == lasted[48:]
    # The best that a single frame allows: "lasted" whenever the face grimaces, or never.
    single = max(
        float((signal[48:] == lasted[48:]).float().mean()), float((lasted[48:] == 0).float().mean())
    )
    assert float(right.float().mean()) > 0.92 > single + 0.1
