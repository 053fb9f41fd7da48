"""Draws elderly people of all ancestries and both sexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from train.residents.head import Phenotype

Rgb = tuple[float, float, float]

DEMO_SEED: Final = 9000
"""The people of this seed appear in the shipped clip, so no model may train on them."""

ANCESTRIES: Final = ("african", "asian", "caucasian")
_FEMALE_SHARE: Final = 0.6
_ANCESTRY_SHARES: Final = (0.22, 0.26, 0.52)

# Shape changes by prefix and the spread with which they are drawn. Brows and lid corners get
# little, because much of either looks like an expression.
_SPREADS: Final = (
    ("eyebrows-", 0.12),
    ("mouth-angles", 0.12),
    ("mouth-", 0.20),
    ("head-fat", 0.20),
    ("head-age", 0.0),
    ("head-", 0.15),
    ("forehead-", 0.25),
    ("nose-trans", 0.10),
    ("nose-", 0.28),
    ("chin-", 0.28),
    ("neck-double", 0.30),
    ("neck-", 0.12),
)
_SIDED_SPREADS: Final = (
    ("eye-bag", 0.30),
    ("eye-corner", 0.15),
    ("eye-scale", 0.20),
    ("eye-trans", 0.15),
    ("eye-epicanthus", 0.15),
    ("eye-", 0.22),
    ("cheek-", 0.30),
    ("ear-", 0.25),
)
_LARGEST_CHANGE: Final = 0.6

# Without these the base mesh's brows and mouth corners read as a frown at rest.
_RESTING_FACE: Final = {"eyebrows-angle-up": 0.45, "mouth-angles-up": 0.25}

# The textures are redder and more saturated than skin is; linear factors.
_TEXTURE_CORRECTION: Final[Mapping[str, Rgb]] = {
    "african": (0.78, 1.45, 1.9),
    "asian": (0.94, 1.05, 1.25),
    "caucasian": (1.0, 1.0, 1.0),
}

_MALE_HAIR: Final = ("short01", "short04", "none")
_FEMALE_HAIR: Final = ("ponytail01", "short04", "short01")
_AFRO: Final = "afro01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A synthetic person.

    Attributes:
        subject: stable identifier, unique over seeds.
        seed: seed of everything that is fixed in the person, e.g. the wrinkles' layout.
        sex: ``female`` or ``male``.
        ancestry: the largest share, one of ``ANCESTRIES``.
        age_years: rough age that the face was drawn for.
        phenotype: macro shape.
        local_changes: -1..1 by name.
        tone: factor on the skin texture, linear RGB.
        skin: first word of the texture's name, ``old`` or ``middleage``.
        hair: proxy name or ``none``; ``hair_colour`` is sRGB 0..1.
        brows: proxy name; ``brow_colour`` is sRGB 0..1.
        eyes: texture name of the iris colour.
        wrinkles: strength 0..1 of the lines of age.
        beard: strength 0..1 of stubble.
        garment: sRGB 0..1; ``neckline`` in metres below the collar bone's standard height.
    """

    subject: str
    seed: int
    sex: str
    ancestry: str
    age_years: int
    phenotype: Phenotype
    local_changes: Mapping[str, float]
    tone: Rgb
    hair: str
    hair_colour: Rgb
    brows: str
    brow_colour: Rgb
    eyes: str
    wrinkles: float
    beard: float
    garment: Rgb
    neckline: float
    skin: str = "old"


def draw_resident(*, seed: int, index: int, local_labels: tuple[str, ...]) -> Resident:
    """Person ``index`` of a data set's ``seed``: the same arguments give the same person.

    Args:
        seed: seed of the data set.
        index: position of the person in it.
        local_labels: local changes of the baked head.
    """
    rng = np.random.default_rng([seed, index, 0])
    sex = "female" if rng.random() < _FEMALE_SHARE else "male"
    ancestry = str(rng.choice(ANCESTRIES, p=_ANCESTRY_SHARES))
    age = float(rng.beta(2.0, 1.6))
    mixture = dict(zip(ANCESTRIES, rng.dirichlet([0.3, 0.3, 0.3]) * 0.35, strict=True))
    mixture[ancestry] += 0.65
    grey = float(rng.uniform(0.35, 0.9))
    yellowed = float(rng.uniform(0.0, 0.16))
    brow = min(0.66, grey * float(rng.uniform(0.7, 1.05)))
    dark = ancestry != "caucasian"
    return Resident(
        subject=f"s{seed:04d}-p{index:05d}",
        seed=int(rng.integers(2**31)),
        sex=sex,
        ancestry=ancestry,
        age_years=round(68 + 27 * age),
        phenotype=Phenotype(
            female=_clip(0.92 if sex == "female" else 0.08, rng.normal(0.0, 0.06)),
            age=0.90 + 0.10 * age,
            muscle=float(rng.uniform(0.25, 0.55)),
            weight=float(rng.uniform(0.3, 0.8)),
            african=float(mixture["african"]),
            asian=float(mixture["asian"]),
            caucasian=float(mixture["caucasian"]),
        ),
        local_changes=_draw_changes(local_labels, age, rng),
        tone=_draw_tone(ancestry, rng),
        hair=_draw_hair(sex, ancestry, rng),
        hair_colour=(grey, grey * (1.0 - 0.45 * yellowed), grey * (1.0 - yellowed)),
        brows=f"eyebrow{int(rng.integers(1, 13)):03d}",
        brow_colour=(brow, brow * 0.95, brow * 0.9),
        eyes=str(
            rng.choice(["brown", "brownlight"])
            if dark
            else rng.choice(
                ["blue", "bluegreen", "brown", "brownlight", "green", "grey", "lightblue"]
            )
        ),
        wrinkles=float(np.clip(0.25 + 0.6 * age + rng.normal(0.0, 0.15), 0.1, 1.0)),
        beard=float(max(0.0, rng.uniform(-0.8, 0.8))) if sex == "male" else 0.0,
        garment=_draw_colour(rng),
        neckline=float(rng.uniform(-0.01, 0.03)),
    )


def _draw_changes(
    labels: tuple[str, ...], age: float, rng: np.random.Generator
) -> dict[str, float]:
    changes: dict[str, float] = {}
    for label in labels:
        sided = label[:2] in {"l-", "r-"}
        name = label[2:] if sided else label
        spread = next(
            (s for p, s in (_SIDED_SPREADS if sided else _SPREADS) if name.startswith(p)), 0
        )
        value = _RESTING_FACE.get(label, 0.0) + (rng.normal(0.0, spread) if spread else 0.0)
        if label.startswith("r-"):
            # A face is nearly symmetric: the right side follows the left.
            value = changes[f"l-{name}"] + rng.normal(0.0, 0.04)
        changes[label] = float(np.clip(value, -_LARGEST_CHANGE, _LARGEST_CHANGE))
    changes["head-age-incr"] = 0.15 + 0.75 * age
    for side in ("l", "r"):
        changes[f"{side}-eye-bag-incr"] = min(0.9, abs(changes[f"{side}-eye-bag-incr"]) + 0.4 * age)
    return {label: round(value, 4) for label, value in changes.items() if value}


def _draw_tone(ancestry: str, rng: np.random.Generator) -> Rgb:
    light = float(np.clip(rng.normal(1.0, 0.12), 0.7, 1.25))
    red, green, blue = _TEXTURE_CORRECTION[ancestry]
    return (
        light * red,
        light * green * float(rng.uniform(0.96, 1.03)),
        light * blue * float(rng.uniform(0.93, 1.06)),
    )


def _draw_colour(rng: np.random.Generator) -> Rgb:
    red, green, blue = rng.uniform(0.15, 0.85, 3)
    return (float(red), float(green), float(blue))


def _draw_hair(sex: str, ancestry: str, rng: np.random.Generator) -> str:
    if sex == "male":
        return str(rng.choice(_MALE_HAIR, p=[0.4, 0.3, 0.3]))
    if ancestry == "african" and rng.random() < 0.5:  # noqa: PLR2004
        return _AFRO
    return str(rng.choice(_FEMALE_HAIR, p=[0.45, 0.3, 0.25]))


def _clip(value: float, jitter: float) -> float:
    return float(np.clip(value + jitter, 0.0, 1.0))
