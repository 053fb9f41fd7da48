from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from train.residents.identity import ANCESTRIES, draw_resident

LABELS = (
    "l-eye-bag-incr",
    "r-eye-bag-incr",
    "l-cheek-volume-incr",
    "r-cheek-volume-incr",
    "head-age-incr",
    "eyebrows-angle-up",
    "mouth-angles-up",
    "nose-hump-incr",
)


@given(st.integers(0, 9999), st.integers(0, 99999))
def test_everybody_is_old_and_within_the_head_s_range(seed: int, index: int) -> None:
    person = draw_resident(seed=seed, index=index, local_labels=LABELS)
    assert 68 <= person.age_years <= 95
    assert 0.9 <= person.phenotype.age <= 1.0
    shares = (person.phenotype.african, person.phenotype.asian, person.phenotype.caucasian)
    assert abs(sum(shares) - 1.0) < 1e-6
    assert set(person.local_changes) <= set(LABELS)
    assert all(-1.0 <= value <= 1.0 for value in person.local_changes.values())
    assert person.beard == 0.0 or person.sex == "male"


@given(st.integers(0, 9999), st.integers(0, 99999))
def test_a_person_is_the_same_whenever_it_is_drawn(seed: int, index: int) -> None:
    first = draw_resident(seed=seed, index=index, local_labels=LABELS)
    assert first == draw_resident(seed=seed, index=index, local_labels=LABELS)


def test_subjects_are_unique_over_seeds_and_indices() -> None:
    people = [
        draw_resident(seed=seed, index=index, local_labels=LABELS)
        for seed in range(5)
        for index in range(40)
    ]
    assert len({person.subject for person in people}) == len(people)
    assert len({person.seed for person in people}) == len(people)


def test_both_sexes_and_all_ancestries_occur() -> None:
    people = [draw_resident(seed=1, index=i, local_labels=LABELS) for i in range(300)]
    groups = Counter((person.sex, person.ancestry) for person in people)
    assert set(groups) == {(s, a) for s in ("female", "male") for a in ANCESTRIES}
    assert min(groups.values()) >= 10
