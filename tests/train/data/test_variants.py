from __future__ import annotations

import re
from pathlib import Path

import pytest

from pain.errors import DataError
from tests.train.data.variants import VARIANTS, Variant, with_table
from train.data import Reading, open_dataset

PAGE = Path(__file__).parents[3] / "docs" / "datasets.md"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_labels_are_right_or_refused(tmp_path: Path, variant: Variant):
    place = variant.build(tmp_path)
    options = Reading(**variant.options)
    if isinstance(variant.levels, str):
        with pytest.raises(DataError) as caught:
            open_dataset(place, kind=variant.kind, options=options)
        assert re.search(variant.levels, str(caught.value))
        return
    dataset = open_dataset(place, kind=variant.kind, options=options)
    by_seed = {_seed(sample.image): sample for sample in dataset.samples}
    assert [by_seed[seed].level for seed in range(4)] == list(variant.levels)
    if variant.people:
        assert dataset.subjects == variant.people
    assert re.search(variant.told, "\n".join(dataset.notes))


def test_the_page_lists_the_variants_of_today():
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "python -m tests.train.data.variants docs/datasets.md"


def _seed(file: Path) -> int:
    """Which of the tree's pictures a file is, by its content."""
    from tests.train.data.trees import picture

    for seed in range(4):
        for suffix in (".png", ".jpg"):
            again = picture(file.parent / f"again{suffix}", seed=seed)
            same = again.read_bytes() == file.read_bytes()
            again.unlink()
            if same:
                return seed
    raise AssertionError(file)
