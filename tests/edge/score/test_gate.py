"""Whatever cannot prove itself on the golden input is passed over, and it is said why.

Real ONNX Runtime sessions on the CPU. CUDA, TensorRT and TensorRT-RTX were not run here: of them
only the refusals are tested, which need no GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.config import ScoringConfig
from edge.score import Scorer
from pain.errors import BundleCorrupt, BundleError, ProviderError
from tests.edge.score.conftest import replace_artefact
from tests.edge.score.test_scorer import a_face

MakeBundle = Callable[..., Path]

ABSENT = ["cuda", "tensorrt", "tensorrt-rtx", "tensorrt-native"]
RIGHT, WRONG = 3.0, 3.1


@pytest.fixture(autouse=True)
def cpu_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests speak of a box without a GPU, whatever the machine has."""
    import onnxruntime as ort

    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(ort, "get_ep_devices", list)


@pytest.fixture
def scoring(tmp_path: Path) -> Callable[..., ScoringConfig]:
    def make(**changes: Any) -> ScoringConfig:
        return ScoringConfig(engines=tmp_path / "engines", **changes)

    return make


@pytest.mark.parametrize("provider", ABSENT)
def test_an_absent_provider_gives_way_to_the_cpu_and_it_is_said(
    bundle_dir: MakeBundle, scoring: Callable[..., ScoringConfig], provider: str
) -> None:
    scorer = Scorer(bundle_dir=bundle_dir(), scoring=scoring(provider=provider))
    assert (scorer.provider_actual, scorer.precision_actual) == ("cpu", "fp32")
    assert scorer.degraded is not None
    assert scorer.degraded.startswith(f"{provider} fp32 was asked for, cpu fp32 runs. {provider} ")
    assert scorer.score(a_face()).level == pytest.approx(RIGHT, abs=1e-5)


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ("cuda", r"'cuda': the installed ONNX Runtime .*onnxruntime-gpu"),
        ("tensorrt", r"'tensorrt': the installed ONNX Runtime .*onnxruntime-gpu"),
        ("tensorrt-rtx", "pip install onnxruntime-ep-nv-tensorrt-rtx-cu13"),
        ("tensorrt-native", "TensorRT"),
    ],
)
def test_without_fallback_an_absent_provider_is_an_error(
    bundle_dir: MakeBundle, scoring: Callable[..., ScoringConfig], provider: str, message: str
) -> None:
    with pytest.raises(ProviderError, match=message):
        Scorer(bundle_dir=bundle_dir(), scoring=scoring(provider=provider, fallback=False))


@pytest.mark.filterwarnings("ignore:Specified provider:UserWarning")
@pytest.mark.parametrize("fallback", [True, False])
def test_a_provider_that_is_listed_but_does_not_run_is_found_out(
    bundle_dir: MakeBundle,
    scoring: Callable[..., ScoringConfig],
    monkeypatch: pytest.MonkeyPatch,
    fallback: bool,
) -> None:
    import onnxruntime as ort

    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: listed)
    config = scoring(provider="cuda", fallback=fallback)
    what = "'cuda' was asked for but the model runs on 'cpu'"
    if not fallback:
        with pytest.raises(ProviderError, match=what):
            Scorer(bundle_dir=bundle_dir(), scoring=config)
        return
    scorer = Scorer(bundle_dir=bundle_dir(), scoring=config)
    assert scorer.provider_actual == "cpu"
    assert what in str(scorer.degraded)


def test_a_provider_that_takes_no_node_is_found_out(
    bundle_dir: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime as ort

    class Elsewhere:
        ep_name = "AzureExecutionProvider"

    monkeypatch.setattr(
        ort.InferenceSession, "get_provider_graph_assignment_info", lambda _: [Elsewhere()]
    )
    with pytest.raises(ProviderError, match=r"took no part .* runs on AzureExecutionProvider"):
        Scorer(bundle_dir=bundle_dir(), scoring=ScoringConfig())


def test_a_right_graph_of_the_preferred_precision_runs(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(other_graphs=(("int8", RIGHT),), preferred="int8")
    scorer = Scorer(bundle_dir=directory, scoring=ScoringConfig())
    assert scorer.precision_actual == "int8"
    assert scorer.degraded is None


@pytest.mark.parametrize("precision", ["auto", "int8"])
def test_a_wrong_int8_graph_gives_way_to_fp32_and_it_is_said(
    bundle_dir: MakeBundle, precision: Any
) -> None:
    directory = bundle_dir(other_graphs=(("int8", WRONG),), preferred="int8")
    scorer = Scorer(bundle_dir=directory, scoring=ScoringConfig(precision=precision))
    assert (scorer.provider_actual, scorer.precision_actual) == ("cpu", "fp32")
    degraded = str(scorer.degraded)
    assert degraded.startswith("cpu int8 was asked for, cpu fp32 runs. cpu int8: ")
    assert "output 'level' of the golden input shows a difference of 0.1" in degraded
    assert scorer.score(a_face()).level == pytest.approx(RIGHT, abs=1e-5)


def test_without_fallback_a_wrong_int8_graph_is_an_error(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(other_graphs=(("int8", WRONG),), preferred="int8")
    with pytest.raises(BundleError, match=r"model\.int8\.onnx: does not compute on 'cpu'"):
        Scorer(bundle_dir=directory, scoring=ScoringConfig(fallback=False))


def test_an_unreadable_int8_graph_gives_way_to_fp32(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(other_graphs=(("int8", RIGHT),), preferred="int8")
    replace_artefact(directory, "model.int8", b"not a graph")
    scorer = Scorer(bundle_dir=directory, scoring=ScoringConfig())
    assert scorer.precision_actual == "fp32"
    assert "cannot load this graph" in str(scorer.degraded)


def test_int8_is_held_against_what_int8_gave_at_export(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(
        other_graphs=(("int8", WRONG),), int8_golden_level=WRONG, preferred="int8"
    )
    scorer = Scorer(bundle_dir=directory, scoring=ScoringConfig())
    assert (scorer.precision_actual, scorer.degraded) == ("int8", None)


def test_fp16_is_not_preferred_on_a_cpu_but_runs_when_asked_for(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(other_graphs=(("fp16", RIGHT),), preferred="fp16")
    chosen = Scorer(bundle_dir=directory, scoring=ScoringConfig())
    assert (chosen.precision_actual, chosen.degraded) == ("fp32", None)
    asked = Scorer(bundle_dir=directory, scoring=ScoringConfig(precision="fp16"))
    assert (asked.precision_actual, asked.degraded) == ("fp16", None)


def test_a_precision_that_the_bundle_lacks_is_said(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir()
    scorer = Scorer(bundle_dir=directory, scoring=ScoringConfig(precision="fp16"))
    assert scorer.precision_actual == "fp32"
    assert "the bundle has no fp16 graph" in str(scorer.degraded)
    with pytest.raises(BundleError, match="has no fp16 graph; export one"):
        Scorer(bundle_dir=directory, scoring=ScoringConfig(precision="fp16", fallback=False))


def test_where_nothing_passes_every_failure_is_told(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(other_graphs=(("int8", WRONG),), golden_shift=0.5, preferred="int8")
    with pytest.raises(BundleError) as caught:
        Scorer(bundle_dir=directory, scoring=ScoringConfig(provider="cuda"))
    first, *rest = str(caught.value).splitlines()
    assert first == "nothing that may run this bundle passes its golden input:"
    assert [line.split(": ")[0] for line in rest] == ["- cuda fp32", "- cpu int8", "- cpu fp32"]


def test_a_damaged_bundle_is_refused_whatever_may_run(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(with_golden=False)
    with pytest.raises(BundleCorrupt, match="no artefact of role 'golden'"):
        Scorer(bundle_dir=directory, scoring=ScoringConfig(provider="cuda"))


def test_a_folder_that_cannot_be_made_is_named(bundle_dir: MakeBundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    config = ScoringConfig(provider="tensorrt", fallback=False, engines=tmp_path / "file")
    with pytest.raises(ProviderError, match=r"set scoring\.engines to a folder"):
        Scorer(bundle_dir=bundle_dir(), scoring=config)


def test_a_missing_library_is_told_once_whatever_graphs_there_are(bundle_dir: MakeBundle) -> None:
    directory = bundle_dir(other_graphs=(("fp16", RIGHT),), preferred="fp16")
    scorer = Scorer(bundle_dir=directory, scoring=ScoringConfig(provider="cuda"))
    assert str(scorer.degraded).startswith("cuda fp16 was asked for, cpu fp32 runs. cuda fp16: ")
    assert "cuda fp32" not in str(scorer.degraded)
