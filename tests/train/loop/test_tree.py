"""States on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from pain.errors import DataError
from train.loop.resume import STATE_FILE, Resume
from train.loop.tree import load_tree, save_tree


def test_the_state_of_an_optimiser_comes_back_as_it_was(tmp_path: Path):
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    adam = torch.optim.Adam([weight], lr=0.1)
    weight.sum().backward()
    adam.step()
    tree: dict[str, Any] = {
        "adam": adam.state_dict(),
        "tiny": 0.1 + 0.2,
        "nothing": None,
        "shared": [weight.detach(), weight.detach()],
        "far": float("inf"),
    }
    save_tree(tree, tmp_path / "tree")
    found = load_tree(tmp_path / "tree")
    assert found["adam"]["param_groups"] == adam.state_dict()["param_groups"]
    torch.testing.assert_close(found["adam"]["state"], adam.state_dict()["state"], rtol=0, atol=0)
    assert (found["tiny"], found["nothing"], found["far"]) == (0.1 + 0.2, None, float("inf"))
    assert all(torch.equal(part, weight) for part in found["shared"])


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 40])
def test_a_damaged_state_is_told_with_what_to_do(tmp_path: Path, content: bytes):
    (tmp_path / STATE_FILE).write_bytes(content)
    with pytest.raises(DataError, match=r"damaged .* delete it"):
        Resume(folder=tmp_path, mark="a").load()


def test_a_young_state_is_not_written_again_and_another_training_s_is_not_read(tmp_path: Path):
    now_s = [0.0]
    kept = Resume(folder=tmp_path / "r", mark="a", every_s=10.0, clock=lambda: now_s[0])
    assert kept.load() is None
    made: list[float] = []

    def state() -> dict[str, float]:
        made.append(now_s[0])
        return {"at": now_s[0]}

    for second in range(0, 26, 5):
        now_s[0] = float(second)
        kept.keep(state)
    assert made == [10.0, 20.0]
    assert Resume(folder=tmp_path / "r", mark="a").load() == {"at": 20.0}
    assert Resume(folder=tmp_path / "r", mark="b").load() is None
    kept.forget()
    assert not (tmp_path / "r").exists()
    kept.forget()
