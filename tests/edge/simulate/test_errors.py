"""The figures that go into an error model come out of it again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from edge.simulate.censored import LIMIT, with_deviation, with_share
from edge.simulate.days import load_days
from edge.simulate.documents import shipped
from edge.simulate.errors import load_errors
from pain.errors import ConfigError

MODELS = ("landmarks-full.yaml", "mesh-real.yaml", "mesh-scanned.yaml", "what-if-half.yaml")


@pytest.mark.parametrize(
    ("mean", "share"), [(0.5225, 0.0102), (1.2361, 0.0933), (3.3292, 0.6092), (5.1722, 0.9515)]
)
def test_readings_have_the_mean_and_the_share_that_were_asked_for(mean: float, share: float):
    found = with_share(mean=mean, share_at_limit=share)
    z = np.random.default_rng(1).standard_normal(200_000)
    levels = np.clip(found.centre + found.spread * z, 0.0, 6.0)
    assert levels.mean() == pytest.approx(mean, abs=0.02)
    assert (levels >= LIMIT).mean() == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(("mean", "deviation"), [(0.59, 0.70), (1.89, 1.34), (2.89, 1.62)])
def test_readings_have_the_mean_and_the_deviation_that_were_asked_for(
    mean: float, deviation: float
):
    found = with_deviation(mean=mean, deviation=deviation)
    z = np.random.default_rng(2).standard_normal(200_000)
    levels = np.clip(found.centre + found.spread * z, 0.0, 6.0)
    assert levels.mean() == pytest.approx(mean, abs=0.02)
    assert levels.std() == pytest.approx(deviation, abs=0.02)


@pytest.mark.parametrize("name", MODELS)
def test_shipped_models_can_be_used_with_the_shipped_days(name: str):
    errors = load_errors(shipped(name))
    assert load_days(shipped("care-home.yaml"), errors).seen()
    assert errors.shares.momentary == pytest.approx(0.02)


def test_readings_in_pain_rise_with_the_true_level():
    centre, spread = load_errors(shipped("landmarks-full.yaml")).of_pain(np.linspace(0.0, 6.0, 61))
    assert (np.diff(centre) >= 0).all()
    assert (spread > 0).all()


def broken(tmp_path: Path, name: str, **changes: object) -> Path:
    document = yaml.safe_load(shipped(name).read_text(encoding="utf-8"))
    path = tmp_path / name
    path.write_text(yaml.safe_dump({**document, **changes}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shares": {"person": 0.5, "habit": 0.4, "situation": 0.3}}, "exceed 1"),
        ({"expressions": {"smile": {"mean": 1.0, "deviation": 0.5}}}, "lacks neutral"),
        ({"expressions": {"neutral": {"mean": 1.0}}}, "share_at_3 or deviation"),
        ({"momentary": 1.0}, "momentary"),
    ],
)
def test_a_wrong_error_model_is_refused_with_file_and_key(
    changes: dict[str, object], said: str, tmp_path: Path
):
    path = broken(tmp_path, "landmarks-full.yaml", **changes)
    with pytest.raises(ConfigError, match=said) as refused:
        load_errors(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parts": [{"until_h": 12.0, "shares": {"dark": 1.0}}]}, "end at until_h: 24"),
        ({"parts": [{"until_h": 24.0, "shares": {"bath": 1.0}}]}, "bath"),
        ({"situations": {"dark": {"mean_min": 9, "seen": "grin"}}}, "lacks|grin"),
        ({"blink_s": [0.4, 0.1]}, "above the second"),
    ],
)
def test_a_wrong_day_is_refused(changes: dict[str, object], said: str, tmp_path: Path):
    errors = load_errors(shipped("landmarks-full.yaml"))
    with pytest.raises(ConfigError, match=said):
        load_days(broken(tmp_path, "care-home.yaml", **changes), errors)


def test_an_expression_that_the_model_does_not_know_is_named(tmp_path: Path):
    errors = load_errors(shipped("landmarks-full.yaml"))
    path = broken(
        tmp_path,
        "care-home.yaml",
        parts=[{"until_h": 24.0, "shares": {"dark": 1.0}}],
        situations={"dark": {"mean_min": 9, "seen": "grin"}},
    )
    with pytest.raises(ConfigError, match=r"grin.*it has blink"):
        load_days(path, errors)


def test_a_file_that_is_absent_is_told(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_errors(tmp_path / "none.yaml")
