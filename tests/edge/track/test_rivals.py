from __future__ import annotations

import pytest

from edge.track.rivals import Claim, judge


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
def test_the_claim_of_a_rival(
    *,
    own_px: float,
    rival_px: float,
    usual_s: tuple[float, float],
    incumbent: bool,
    expected: Claim,
) -> None:
    claim = judge(
        own_px=own_px,
        rival_px=rival_px,
        own_usual_s=usual_s[0],
        rival_usual_s=usual_s[1],
        incumbent=incumbent,
    )
    assert claim is expected
