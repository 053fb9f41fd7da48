from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from train.experiment.reference import SCHEMA_FILE, json_schema, with_reference

PAGE = Path(__file__).parents[3] / "docs" / "training.md"


def test_the_page_lists_the_keys_of_today():
    page = PAGE.read_text(encoding="utf-8")
    assert with_reference(page) == page, "python -m train.experiment.reference docs/training.md"
    assert "| `optimiser.epochs` | `100` |" in page


def test_the_schema_for_editors_is_the_one_of_today():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_schema(), (
        "python -m train.experiment.reference docs/training.md"
    )


def test_every_example_names_its_schema_and_obeys_it():
    schema = json.loads(json_schema())
    for path in SCHEMA_FILE.parent.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# yaml-language-server: $schema={SCHEMA_FILE.name}\n"), path.name
        jsonschema.validate(yaml.safe_load(text), schema)


@pytest.mark.parametrize(
    "change",
    [{"tusk": "ordinal"}, {"task": "ordnal"}, {"flip": 2}, {"optimiser": {"learning_rate": 1}}],
)
def test_an_editor_sees_wrong_keys_and_values(change: dict[str, Any]):
    right = {"task": "ordinal", "backbone": {"name": "landmarks"}}
    jsonschema.validate(right, json.loads(json_schema()))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**right, **change}, json.loads(json_schema()))
