"""The settings in force, as the record keeps them: by hash and by the names of changed keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.config import EdgeConfig
from pain.settings.redact import REDACTED, redact, secrets_of

_URI = "uri"


def describe(config: EdgeConfig, before: EdgeConfig | None) -> Mapping[str, Any]:
    """What the record says of settings.

    Secrets are taken out before the hash is made: a hash of a short password could be guessed.

    Args:
        config: in force from now on.
        before: in force until now; None at the start.

    Returns:
        ``sha256`` of the settings, ``settings`` themselves at the start, ``changed`` keys with
        their new values afterwards.
    """
    now = dict(_flat(_clean(config.model_dump(mode="json"))))
    digest = hashlib.sha256(json.dumps(now, sort_keys=True).encode()).hexdigest()
    if before is None:
        return {"sha256": digest, "settings": now}
    then = dict(_flat(_clean(before.model_dump(mode="json"))))
    changed = {key: now.get(key) for key in {*now, *then} if now.get(key) != then.get(key)}
    return {"sha256": digest, "changed": dict(sorted(changed.items()))}


def _clean(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _clean(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, key) for item in value]
    if key == "password" and value is not None:
        return REDACTED
    if key == _URI and isinstance(value, str):
        return redact(value, secrets_of(value))
    return str(value) if isinstance(value, Path) else value


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from _flat(item, f"{path}[{index}]")
    else:
        yield path, value
