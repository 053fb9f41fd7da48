"""Where it runs, and in which numbers."""

from __future__ import annotations

import pytest
import torch
from lightning_fabric import Fabric

from tests.train.protocol.conftest import experiment
from tests.train.protocol.test_varied import PICTURES, learner_of, made
from tests.train.protocol.toy import Toy
from train.experiment.schema import EngineSection, Precision
from train.protocol.engine import precision_of, start_engine
from train.protocol.fold import train_network
from train.protocol.learner import Learner


@pytest.mark.parametrize(
    ("accelerator", "cuda", "bf16", "apple", "found"),
    [
        ("cpu", True, True, True, Precision.FULL),
        ("auto", False, False, False, Precision.FULL),
        ("auto", True, True, False, Precision.BF16_MIXED),
        ("cuda", True, False, False, Precision.FP16_MIXED),
        ("auto", False, False, True, Precision.FP16_MIXED),
        ("mps", False, False, True, Precision.FP16_MIXED),
    ],
)
def test_mixed_is_what_the_device_has_units_for(
    monkeypatch: pytest.MonkeyPatch,
    *,
    accelerator: str,
    cuda: bool,
    bf16: bool,
    apple: bool,
    found: Precision,
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *, including_emulation: bf16)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)
    asked = EngineSection(accelerator=accelerator, precision=Precision.MIXED)
    assert precision_of(asked) is found
    plain = EngineSection(accelerator=accelerator)
    assert precision_of(plain) is Precision.FULL


def test_a_network_learns_in_mixed_precision(picture_toy: Toy):
    engine = {"accelerator": "cpu", "threads": 1, "precision": "bf16-mixed"}
    asked = experiment(picture_toy, augment={"jpeg": 1.0}, **{**PICTURES, "engine": engine})
    fabric = start_engine(asked.engine)
    material, fold, _ = made(asked, fabric)
    outcome = train_network(material, fold.train[:8], fold.validation[:4], seed=1)
    assert outcome.training.best.train_loss > 0.0
    # What is kept is in full precision all the same.
    assert {p.dtype for p in outcome.network.parameters()} == {torch.float32}


@pytest.mark.parametrize("augment", [None, {}])
def test_compiling_is_for_learning_and_changes_no_name(
    picture_toy: Toy,
    fabric: Fabric,
    monkeypatch: pytest.MonkeyPatch,
    augment: dict[str, float] | None,
):
    asked = experiment(picture_toy, augment=augment, **PICTURES)
    _, fold, ready = made(asked, fabric)
    plain = learner_of(ready)
    calls: list[object] = []

    def compiled(what):
        def run(*given):
            calls.append(what)
            return what(*given)

        return run

    monkeypatch.setattr(torch, "compile", compiled)
    learner = Learner(ready.body, ready.network.objective, ready.varied, compiled=True)
    assert learner.state_dict().keys() == plain.state_dict().keys()
    rows = fold.train[:2]
    inputs, levels = ready.training.take(rows * 0, rows > len(fold.train) * 99)
    learner.eval()(inputs, levels)
    assert not calls
    learner.train()(inputs, levels)
    assert len(calls) == 1
