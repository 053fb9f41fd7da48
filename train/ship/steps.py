"""What must be done from pictures to a bundle, as commands that anybody could type."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pain.errors import DataError
from train.data.choices import AS_IT_SAYS, Choices
from train.data.sample import Dataset

MODEL: Final = "model"
BUNDLE: Final = "bundle"
EVALUATION: Final = "evaluation"

_NAMED: Final = 3
"""So many people are named in a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command.

    Attributes:
        title: what it does, for people.
        words: what stands behind ``painwatch``.
        makes: exists when the step is done.
    """

    title: str
    words: tuple[str, ...]
    makes: Path

    def key(self, inputs: str) -> str:
        """SHA-256 of the command and of everything that went into the steps.

        Args:
            inputs: from ``digest_of``.
        """
        return hashlib.sha256(" ".join((inputs, *self.words)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was asked for.

    Attributes:
        config: experiment, or distillation.
        distils: whether it is a distillation.
        data: sets to learn from; one for an experiment.
        tests: sets of other people.
        cache: the tracker's answers for all of them.
        out: folder of everything that is made.
        name: of the bundle.
        version: of the bundle.
        data_choices: what ``data`` does not say itself.
        test_choices: what ``tests`` do not say themselves.
        options: words for the training alone, e.g. changes of the experiment.
    """

    config: Path
    distils: bool
    data: tuple[Path, ...]
    tests: tuple[Path, ...]
    cache: Path
    out: Path
    name: str
    version: str
    data_choices: Choices = AS_IT_SAYS
    test_choices: Choices = AS_IT_SAYS
    options: tuple[str, ...] = ()

    @property
    def checkpoint(self) -> Path:
        """Folder that training leaves."""
        return self.out / MODEL if self.distils else self.out / MODEL / "checkpoint"

    def open_sets(self) -> tuple[tuple[Dataset, ...], tuple[Dataset, ...]]:
        """The sets to learn from and those of the test, read once.

        Raises:
            DataError: one cannot be read.
        """
        return (
            tuple(map(self.data_choices.open, self.data)),
            tuple(map(self.test_choices.open, self.tests)),
        )

    def steps(self) -> tuple[Step, ...]:
        """Every command, in order."""
        bundle = self.out / BUNDLE
        found = [self._track(folder, self.data_choices) for folder in self.data]
        found += [self._track(folder, self.test_choices) for folder in self.tests]
        found.append(self._train())
        read = _options("--read", self.test_choices.pairs())
        judged = ("--data", str(self.tests[0]), "--cache", str(self.cache), *read)
        found.append(
            Step(
                title="export",
                words=(
                    *("export", "onnx", str(self.checkpoint), "--out", str(bundle)),
                    *("--name", self.name, "--version", self.version, *judged),
                ),
                makes=bundle / "bundle.json",
            )
        )
        found.append(
            Step(
                title="hold the bundle against the checkpoint",
                words=("export", "verify", str(bundle), str(self.checkpoint), *judged),
                makes=bundle / "bundle.json",
            )
        )
        sets = [
            word
            for folder in self.tests
            for word in ("--data", str(folder), "--cache", str(self.cache))
        ]
        known = [word for folder in self.data for word in ("--trained-on", str(folder))]
        found.append(
            Step(
                title="judge it on the people of the test",
                words=(
                    *("export", "evaluate", str(bundle), *sets, *known, *read),
                    *("--out", str(self.out / EVALUATION)),
                ),
                makes=self.out / EVALUATION / "evaluation.csv",
            )
        )
        return tuple(found)

    def _track(self, folder: Path, choices: Choices) -> Step:
        # A tracker needs no level.
        pairs = [pair for pair in choices.pairs() if not pair.startswith("level_from_pspi")]
        read = [
            word
            for key, _, value in (pair.partition("=") for pair in pairs)
            for word in ("--" + key.replace("_", "-"), value)
            if word != "true"
        ]
        return Step(
            title=f"track {folder.name}",
            words=("train", "track", str(folder), "--cache", str(self.cache), *read),
            makes=self.cache,
        )

    def _train(self) -> Step:
        data = [word for folder in self.data for word in ("--data", str(folder))]
        places = ("--cache", str(self.cache), "--out", str(self.out / MODEL))
        if not self.distils:
            return Step(
                title="train",
                words=(
                    *("train", "fit", str(self.config), *data, *places, *self.options),
                    *_options("--set", [f"data.{pair}" for pair in self.data_choices.pairs()]),
                ),
                makes=self.checkpoint / "checkpoint.json",
            )
        tests = [word for folder in self.tests for word in ("--test", str(folder))]
        return Step(
            title="train",
            words=(
                *("train", "distil", str(self.config), *data, *tests, *places, *self.options),
                *_options("--read", self.data_choices.pairs()),
                *_options("--test-read", self.test_choices.difference(self.data_choices)),
            ),
            makes=self.checkpoint / "student.json",
        )


def _options(option: str, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (option, value))


def refuse_shared_people(learnt: Sequence[Dataset], judged: Sequence[Dataset]) -> None:
    """Tell before hours of training what the evaluation would refuse at their end.

    Raises:
        DataError: somebody of a test is in a set that is learnt from, or two sets have one name.
    """
    for test in judged:
        people = set(test.subjects)
        for known in learnt:
            both = sorted(people & set(known.subjects))
            if not both and test.name == known.name:
                raise DataError(
                    f"{test.root} and {known.root} are both called {known.name}, so nothing that "
                    "is written could tell them apart; rename one"
                )
            if both:
                raise DataError(
                    f"{test.root}: {len(both)} of {len(people)} people are in {known.root} too "
                    f"({', '.join(both[:_NAMED])}{', ...' if len(both) > _NAMED else ''}); figures "
                    "on people that were trained on say nothing. Give other people with --test."
                )


def digest_of(config: Path, datasets: Iterable[Dataset]) -> str:
    """SHA-256 over the file and, for every set, the people, labels and files of its samples.

    Files count by size and time of change: what differs in content differs there.
    """
    digest = hashlib.sha256(config.read_bytes())
    for dataset in datasets:
        _add(digest, dataset)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, dataset: Dataset) -> None:
    digest.update(dataset.name.encode())
    for sample in dataset.samples:
        facts = sample.image.stat()
        what = (sample.id, sample.subject, sample.level, sample.pspi, sample.units)
        digest.update(f"{what} {facts.st_size} {facts.st_mtime_ns}".encode())
