"""A target that breaks or hangs, to hold that this is told."""

from __future__ import annotations

import os

from tests.faults.fuzz.engine import Mutator, fuzz


def one(data: bytes) -> str:
    """Break at a bracket, or wait for ever."""
    if data.startswith(b"["):
        while os.environ["PAINWATCH_FUZZ_BROKEN"] == "hang":
            pass
        raise ValueError("a bracket")
    return "taken"


if __name__ == "__main__":
    fuzz(one, seeds=[b"["], mutator=Mutator(documents=[[]]), words=[b"["], max_len=100)
