"""The enrolled resident of one room: enrolled on request, kept, compared with, forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from edge.config.identity import IdentityConfig
from edge.identity.enrolment import Enrolment
from edge.identity.gate import IdentityGate
from edge.identity.values import Template
from edge.identity.vault import Vault
from edge.worker.messages import EmbeddingInUse, Sight
from pain.clock import Moment
from pain.errors import CommandRefused, StorageError
from pain.values import Reading
from pain.wire import IdentityState, IdentityStatus

_log = logging.getLogger(__name__)

Note = Callable[[Mapping[str, object]], None]


class ResidentDesk:
    """Everything about one resident's enrolled face. Not thread-safe.

    Where anything is wrong with the enrolment everybody is scored, and the status says so: it is
    better to score a visitor than to lose a resident.

    Args:
        config: of the room.
        vault: where the template is kept.
        note: puts a line into the record; told who consented, and what became of it.
    """

    def __init__(self, config: IdentityConfig, *, vault: Vault, note: Note) -> None:
        self._config = config
        self._vault = vault
        self._note = note
        self._gate = IdentityGate(config)
        self._embedding: EmbeddingInUse | None = None
        self._template: Template | None = None
        self._in_use = False
        self._enrolment: Enrolment | None = None
        self._failure: str | None = None
        self._ended = False
        if config.enabled:
            self._load()

    def greet(self, embedding: EmbeddingInUse | None) -> None:
        """A worker has loaded an embedding: from now on faces can be compared."""
        self._embedding = embedding
        self._in_use = self._fits()
        self._gate.expect(self._template if self._in_use else None)

    def enrol(self, *, person: str, consent: str, in_pain: bool, now: Moment) -> None:
        """Begin to enrol; an enrolment that runs is begun anew.

        Raises:
            CommandRefused: faces are not compared here, or a pain alarm stands.
        """
        if not self._config.enabled:
            raise CommandRefused(
                "faces are not compared in this room: set identity.enabled and identity.bundle in "
                "the box's settings first (docs/identity.md)"
            )
        if self._embedding is None:
            raise CommandRefused("the room's worker is not ready yet; try again in a minute")
        if in_pain:
            raise CommandRefused("a pain alarm stands: enrol when the resident is calm")
        self._failure = None
        self._enrolment = Enrolment(
            config=self._config,
            embedding=self._embedding,
            person=person,
            consent=consent,
            begun_s=now.monotonic_s,
        )
        self._note({"what": "consent", "person": person, "consent": consent})

    def forget(self, *, person: str) -> None:
        """Delete the template, and end an enrolment.

        Raises:
            CommandRefused: there is none, or the file cannot be deleted.
        """
        if self._enrolment is None and not self._vault.kept:
            raise CommandRefused("nobody is enrolled in this room")
        try:
            self._vault.forget()
        except StorageError as error:
            raise CommandRefused(str(error)) from error
        self._enrolment = self._template = self._failure = None
        self._in_use = False
        self._gate.expect(None)
        self._note({"what": "forgotten", "person": person})

    def slept(self) -> None:
        """The machine slept: a face that was known before is unknown, an enrolment is over."""
        self._gate.expect(self._template if self._in_use else None)
        if self._enrolment is not None:
            self._fail("the machine slept in the window; ask again")

    def follow(self, new: ResidentDesk) -> ResidentDesk:
        """The desk that goes on after the settings were read again.

        With the same settings it is this one, with an enrolment that may be under way and the face
        that it knows. Else an enrolment that is under way has failed, and the new one says so.
        """
        if new._config == self._config:
            return self
        if self._enrolment is not None:
            new._fail("the settings of the comparison changed in the window; ask again")
        return new

    def take(self, reading: Reading, sight: Sight | None, *, in_pain: bool) -> Reading:
        """One frame: for the enrolment, and without its score where it is not the resident's.

        Args:
            reading: as the worker sent it.
            sight: of the same frame; None where no face was seen.
            in_pain: whether a pain alarm stands.
        """
        if self._enrolment is not None:
            over = self._enrolment.add(reading, sight)
            over = "a pain alarm began in the window" if in_pain else over
            if over is not None:
                self._fail(over)
        return self._gate.judge(reading, sight)

    def tick(self, now: Moment) -> bool:
        """Let time pass.

        Returns:
            Whether an enrolment has ended since the last time, which is worth telling.
        """
        enrolment = self._enrolment
        if enrolment is not None and now.monotonic_s >= enrolment.ends_s:
            found = enrolment.judge(now)
            if isinstance(found, Template):
                self._keep(found)
            else:
                self._fail(found)
        ended, self._ended = self._ended, False
        return ended

    def status(self, now: Moment) -> IdentityStatus | None:
        """As the status topic says it; None where faces are not compared and nobody is kept."""
        kept = self._vault.kept
        if not self._config.enabled and not kept:
            return None
        used = self._template if self._in_use else None
        state = IdentityState.NONE
        if self._enrolment is not None:
            state = IdentityState.ENROLLING
        elif self._failure is not None:
            state = IdentityState.FAILED
        elif used is not None:
            state = IdentityState.ENROLLED
        return IdentityStatus(
            state=state,
            until=None if self._enrolment is None else now.at(self._enrolment.ends_s),
            failure=self._failure,
            enrolled_at=None if used is None else used.enrolled_at,
            person=None if used is None else used.person,
            kept=kept,
            recognised=self._gate.recognised,
        )

    def _load(self) -> None:
        try:
            self._template = self._vault.load()
        except StorageError as error:
            self._refuse(f"the enrolment cannot be used: {error}; enrol again")

    def _fits(self) -> bool:
        template, embedding = self._template, self._embedding
        if template is None or embedding is None:
            return False
        if template.bundle_sha256 != embedding.bundle_sha256:
            self._refuse(
                f"the resident was enrolled with another embedding ({template.bundle} "
                f"{template.bundle_sha256[:12]}), whose numbers mean nothing to this one "
                f"({embedding.bundle} {embedding.bundle_sha256[:12]}); enrol again"
            )
            return False
        return True

    def _keep(self, template: Template) -> None:
        try:
            self._vault.keep(template)
        except StorageError as error:
            self._fail(str(error))
            return
        self._enrolment, self._failure, self._ended = None, None, True
        self._template = template
        self._in_use = self._fits()
        self._gate.expect(template if self._in_use else None)
        self._note(
            {
                "what": "enrolled",
                "person": template.person,
                "consent": template.consent,
                "samples": template.samples,
                "bundle": template.bundle,
                "bundle_sha256": template.bundle_sha256,
            }
        )

    def _fail(self, why: str) -> None:
        self._enrolment, self._failure, self._ended = None, why, True
        self._note({"what": "enrolment failed", "why": why})

    def _refuse(self, why: str) -> None:
        if why != self._failure:
            _log.error("%s; everybody is scored", why)
            self._note({"what": "enrolment not in use", "why": why})
        self._failure = why
