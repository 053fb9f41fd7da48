"""What the targets share: atheris with seeds and a dictionary, a mutator, a count of outcomes.

Every target runs by hand, e.g. ``python -m tests.faults.fuzz.config -runs=5000 -seed=7``, with
libFuzzer's options. With the path of a file instead, it runs that one input.
"""

from __future__ import annotations

import json
import logging
import os
import random
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import atheris

from tests.faults.fuzz.damage import as_json, damaged
from tests.faults.fuzz.words import OUTCOMES

FOLDER: Final = Path(tempfile.mkdtemp(prefix="painwatch-fuzz-"))
"""For all files. It stays: libFuzzer ends the process without Python's farewell."""

_TOLD_EVERY: Final = 1000

_OPTIONS: Final = (
    "-timeout=60",  # far beyond any input's share, also on a busy machine
    "-reload=0",  # nobody else writes to the corpus, and a look at it would depend on time
    "-mutate_depth=2",  # with more, hardly an input would get past the first checks
)


@dataclass(frozen=True, kw_only=True)
class Mutator:
    """Damages an input, by its values where it is JSON, or by its bytes as libFuzzer does.

    Attributes:
        documents: valid documents, for inputs that are no JSON (any more).
        by_bytes: share of inputs that are damaged by bytes.
        short: longer texts are damaged by values alone.
        header: bytes before the document that say how it is sent.
        finish: a last change to a document before it is written.
    """

    documents: list[Any]
    by_bytes: float = 0.5
    short: int = 10_000
    header: int = 0
    finish: Callable[[random.Random, Any], Any] = field(default=lambda _rng, document: document)

    def __call__(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Another input."""
        rng = random.Random(seed)  # noqa: S311  (a repeatable choice, no secret)
        if len(data) <= self.short and rng.random() < self.by_bytes:
            return atheris.Mutate(data, max_size)
        header = data[: self.header] if rng.random() < 0.9 else rng.randbytes(self.header)
        document = damaged(rng, self._document(rng, data[self.header :]))
        text = as_json(self.finish(rng, document), ascii_only=rng.random() < 0.5)
        # A document that is cut off is no document: rather give up the damage than the form.
        return header + text if len(header) + len(text) <= max_size else data

    def _document(self, rng: random.Random, text: bytes) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return json.loads(as_json(rng.choice(self.documents)))


def fuzz(
    target: Callable[[bytes], str],
    *,
    seeds: Iterable[bytes],
    mutator: Mutator,
    words: Iterable[bytes] = (),
    max_len: int,
) -> None:
    """Run a target until an input breaks it or ``-runs`` is reached; does not return.

    Args:
        target: takes an input and names the outcome; anything it raises is a find.
        seeds: inputs to begin with.
        mutator: makes the others.
        words: what the bytes of inputs are made of.
        max_len: longest input, bytes.
    """
    logging.disable()  # a line for each input that cannot be read
    outcomes: Counter[str] = Counter()
    corpus, dictionary = FOLDER / "corpus", FOLDER / "dictionary"
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in words), encoding="ascii")

    def one(data: bytes) -> None:
        outcomes[target(data)] += 1
        if outcomes.total() % _TOLD_EVERY == 0:
            sys.stdout.write(f"{OUTCOMES}{json.dumps(outcomes)}\n")
            sys.stdout.flush()

    given = sys.argv[1:]
    files = [argument for argument in given if not argument.startswith("-")]
    options = [*_OPTIONS, _memory(), f"-max_len={max_len}", f"-dict={dictionary}"]
    arguments = [sys.argv[0], *options, *given, *([] if files else [str(corpus)])]
    atheris.Setup(arguments, one, custom_mutator=mutator)
    atheris.Fuzz()


def _memory() -> str:
    """Two gigabytes above the peak so far: a child inherits that of the process it came from."""
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"-rss_limit_mb={peak_mb + 2048}"


class OneFile:
    """A file that gets other content for each input.

    It stays open and is never emptied: many disks write a file that was emptied at once.

    Args:
        name: its name in ``FOLDER``.
    """

    def __init__(self, name: str) -> None:
        self.path = FOLDER / name
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)

    def write(self, content: bytes) -> None:
        """Hold this alone."""
        os.pwrite(self._descriptor, content, 0)
        os.ftruncate(self._descriptor, len(content))


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)
