from __future__ import annotations

import pytest

from edge.track.claim import Candidate, Claim, judge
from edge.track.life import Life


def claim(
    own: tuple[float, float, Life], rival: tuple[float, float, Life], *, incumbent: bool
) -> Claim:
    (own_px, own_usual_s, own_life), (rival_px, rival_usual_s, rival_life) = own, rival
    return judge(
        own=Candidate(height_px=own_px, usual_s=own_usual_s, life=own_life),
        rival=Candidate(height_px=rival_px, usual_s=rival_usual_s, life=rival_life),
        incumbent=incumbent,
    )


@pytest.mark.parametrize("life", [Life.LIVELY, Life.QUIET])
@pytest.mark.parametrize(
    ("own_px", "rival_px", "usual_s", "incumbent", "expected"),
    [
        pytest.param(80, 100, (0, 0), True, Claim.STRONGER, id="decisively larger"),
        pytest.param(80, 99, (0, 0), True, Claim.NONE, id="incumbent against a like face"),
        pytest.param(80, 99, (0, 0), False, Claim.UNDECIDED, id="nobody was there first"),
        pytest.param(80, 65, (0, 0), False, Claim.UNDECIDED, id="a little smaller"),
        pytest.param(80, 64, (0, 0), False, Claim.NONE, id="decisively smaller"),
        pytest.param(80, 85, (90, 3), False, Claim.NONE, id="own place is the usual one"),
        pytest.param(80, 85, (3, 90), True, Claim.STRONGER, id="rival is in the usual place"),
        pytest.param(80, 85, (90, 30), False, Claim.UNDECIDED, id="both places are usual"),
        pytest.param(80, 85, (50, 0), False, Claim.UNDECIDED, id="not there long enough"),
        pytest.param(80, 120, (900, 0), True, Claim.STRONGER, id="size beats place"),
    ],
)
def test_of_two_that_live_alike_size_and_place_decide(
    *,
    own_px: float,
    rival_px: float,
    usual_s: tuple[float, float],
    incumbent: bool,
    expected: Claim,
    life: Life,
) -> None:
    own, rival = (own_px, usual_s[0], life), (rival_px, usual_s[1], life)
    assert claim(own, rival, incumbent=incumbent) is expected


@pytest.mark.parametrize("incumbent", [False, True])
@pytest.mark.parametrize("rival_px", [40, 80, 300])
@pytest.mark.parametrize(
    ("own", "rival", "expected"),
    [
        (Life.LIVELY, Life.STILL, Claim.NONE),
        (Life.LIVELY, Life.UNKNOWN, Claim.NONE),
        (Life.QUIET, Life.STILL, Claim.NONE),
        (Life.UNKNOWN, Life.UNKNOWN, Claim.UNDECIDED),
        (Life.UNKNOWN, Life.LIVELY, Claim.UNDECIDED),
        (Life.UNKNOWN, Life.STILL, Claim.UNDECIDED),
        (Life.STILL, Life.LIVELY, Claim.STRONGER),
        (Life.STILL, Life.UNKNOWN, Claim.UNDECIDED),
        (Life.STILL, Life.QUIET, Claim.UNDECIDED),
        (Life.STILL, Life.STILL, Claim.UNDECIDED),
    ],
)
def test_life_decides_before_size_and_what_it_leaves_open_is_never_the_larger(
    *, own: Life, rival: Life, rival_px: float, incumbent: bool, expected: Claim
) -> None:
    assert claim((80, 0, own), (rival_px, 0, rival), incumbent=incumbent) is expected


def test_who_comes_back_to_the_usual_place_is_known_before_she_moves() -> None:
    assert claim((80, 90, Life.UNKNOWN), (90, 0, Life.LIVELY), incumbent=False) is Claim.NONE


@pytest.mark.parametrize(
    ("own", "rival", "incumbent", "expected"),
    [
        pytest.param(
            (60, 0, Life.LIVELY), (200, 0, Life.QUIET), True, Claim.NONE,
            id="somebody passed before a portrait",
        ),
        pytest.param(
            (200, 0, Life.QUIET), (60, 0, Life.LIVELY), True, Claim.UNDECIDED,
            id="followed is what somebody passed before",
        ),
        pytest.param(
            (200, 0, Life.QUIET), (60, 300, Life.LIVELY), True, Claim.STRONGER,
            id="and the other is in the usual place",
        ),
        pytest.param(
            (80, 300, Life.QUIET), (60, 0, Life.LIVELY), True, Claim.NONE,
            id="a visitor beside a sleeper",
        ),
        pytest.param(
            (80, 300, Life.QUIET), (200, 0, Life.LIVELY), True, Claim.STRONGER,
            id="a larger one that lives",
        ),
    ],
)  # fmt: skip
def test_what_has_not_moved_lately_is_not_preferred_for_its_size(
    *,
    own: tuple[float, float, Life],
    rival: tuple[float, float, Life],
    incumbent: bool,
    expected: Claim,
) -> None:
    assert claim(own, rival, incumbent=incumbent) is expected
