"""Makes a labelled set of pictures; the same seed gives the same bytes with any worker count."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pain.action_units import ActionUnit
from pain.errors import AssetError, InternalError
from train.pool import join_pool
from train.residents.assets import verified_assets
from train.residents.bake import ensure_head
from train.residents.film import jpeg
from train.residents.identity import DEMO_SEED
from train.residents.scans import load_scans
from train.residents.sitting import Style, sit
from train.residents.studio import Shot, Studio

GENERATOR_VERSION: Final = 1
"""Raise it when the same seed would give other pictures."""

INDEX_NAME: Final = "index.parquet"
_PLAN_NAME: Final = "dataset.json"

INDEX_SCHEMA: Final = pa.schema(
    [
        ("file", pa.string()),
        ("subject", pa.string()),
        ("sex", pa.string()),
        ("ancestry", pa.string()),
        ("age_years", pa.int16()),
        ("expression", pa.string()),
        ("kind", pa.string()),
        ("level", pa.float32()),
        ("pspi", pa.float32()),
        *((unit.value, pa.float32()) for unit in ActionUnit),
        ("asymmetry", pa.float32()),
        ("yaw_deg", pa.float32()),
        ("pitch_deg", pa.float32()),
        ("roll_deg", pa.float32()),
    ]
)
"""One row a picture; action units, PSPI and level are exact, the pose is as the picture has it."""

FULL_SCHEMA: Final = pa.schema(
    [
        *INDEX_SCHEMA,
        ("level_rated", pa.int8()),
        ("palsy", pa.float32()),
        ("masking", pa.float32()),
        ("toothless", pa.bool_()),
        ("worn", pa.string()),
        ("nearby", pa.string()),
        ("place", pa.string()),
        ("light", pa.string()),
        ("distance_m", pa.float32()),
    ]
)
"""Columns of every other style; ``level_rated`` is the level as one rater would write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to make.

    Attributes:
        people: number of persons; ``per_person``: pictures of each.
        seed: seed of everything; subjects of different seeds are different people.
        size_px: width and height of a picture.
        style: how much variety.
        wrinkles: whether lines of age and expression are drawn.
    """

    people: int
    per_person: int
    seed: int
    size_px: int
    style: Style = Style.FULL
    wrinkles: bool = True


def make_dataset(
    plan: Plan,
    out: Path,
    *,
    assets: Path | None = None,
    workers: int = 1,
    on_person: Callable[[int], None] = lambda _done: None,
) -> Path:
    """Make the pictures that are still missing in a folder, then its index.

    Args:
        plan: what to make.
        out: folder; an interrupted run with the same plan goes on where it stopped.
        assets: folder of the MakeHuman package; the cache when None.
        workers: processes that render.
        on_person: told how many persons are done, those of earlier runs included.

    Returns:
        Path of the Parquet index.

    Raises:
        AssetError: assets are absent, or the folder holds another plan's pictures.
        InternalError: a rendering process died.
    """
    _refuse_demo(plan)
    # Here rather than in each worker: one clear message, and the head is baked once.
    ensure_head(verified_assets(assets))
    if plan.style is Style.SCANNED:
        load_scans()
    _claim(plan, out)
    missing = [index for index in range(plan.people) if not _person_file(plan, index, out).exists()]
    done = plan.people - len(missing)
    on_person(done)
    for _ in _render_people(plan, missing, out, assets, workers):
        done += 1
        on_person(done)
    return _write_index(plan, out)


def _refuse_demo(plan: Plan) -> None:
    if plan.seed == DEMO_SEED:
        raise AssetError(f"seed {DEMO_SEED} is kept for the demo's clip: choose another")


def _claim(plan: Plan, out: Path) -> None:
    """Write the plan into an empty folder, or make sure that the folder holds this very plan."""
    wanted = {"generator_version": GENERATOR_VERSION, **asdict(plan)}
    # Folders made before there was a choice say nothing about it.
    if plan.style is Style.V0:
        del wanted["style"]
    if plan.wrinkles:
        del wanted["wrinkles"]
    path = out / _PLAN_NAME
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found != wanted:
            raise AssetError(
                f"{out} holds pictures of another plan ({found}, now asked for {wanted}): "
                "choose another folder or delete it"
            )
        return
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")


def _render_people(
    plan: Plan, people: list[int], out: Path, assets: Path | None, workers: int
) -> Iterator[int]:
    if not people:
        return
    if workers == 1:
        with Studio(assets, scanned=plan.style is Style.SCANNED) as studio:
            for index in people:
                render_person(studio, plan, index, out)
                yield index
        return
    with ProcessPoolExecutor(
        max_workers=workers,
        # A forked OpenGL context or a forked thread pool hangs.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open_studio,
        initargs=(assets, plan.style is Style.SCANNED),
    ) as pool:
        futures = {pool.submit(_render_in_worker, plan, index, out): index for index in people}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BrokenProcessPool as error:
            raise InternalError(
                "a rendering process ended unexpectedly (out of memory?); the same command goes "
                "on where it stopped"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_studio: Studio | None = None


def _open_studio(assets: Path | None, scanned: bool) -> None:  # noqa: FBT001  (an initializer)
    join_pool()
    global _studio  # noqa: PLW0603  (one studio a worker process; making it takes a second)
    _studio = Studio(assets, scanned=scanned)


def _render_in_worker(plan: Plan, index: int, out: Path) -> None:
    if _studio is None:
        raise AssetError("a rendering process was not set up")
    render_person(_studio, plan, index, out)


def render_person(studio: Studio, plan: Plan, index: int, out: Path) -> None:
    """Write all pictures of one person, then the record that marks the person as done."""
    resident = studio.resident(seed=plan.seed, index=index)
    folder = out / "images" / resident.subject
    folder.mkdir(parents=True, exist_ok=True)
    taken = sit(
        studio,
        style=plan.style,
        seed=plan.seed,
        index=index,
        count=plan.per_person,
        size_px=plan.size_px,
        wrinkles=plan.wrinkles,
    )
    records = []
    for number, photograph in enumerate(taken):
        path = folder / f"{resident.subject}-{number:03d}.jpg"
        path.write_bytes(jpeg(photograph.picture, photograph.shot.film.jpeg_quality))
        records.append(
            {
                "file": path.relative_to(out).as_posix(),
                "subject": resident.subject,
                "sex": resident.sex,
                "ancestry": resident.ancestry,
                "age_years": resident.age_years,
                **_truth(photograph.shot),
                **photograph.details,
            }
        )
    record = _person_file(plan, index, out)
    record.parent.mkdir(exist_ok=True)
    staging = record.with_suffix(".tmp")
    staging.write_text(json.dumps(records), encoding="utf-8")
    staging.replace(record)


def _truth(shot: Shot) -> dict[str, Any]:
    expression, pose = shot.expression, shot.seen_pose
    return {
        "expression": expression.name,
        "kind": expression.kind.value,
        "level": expression.level,
        "pspi": expression.pspi,
        **{unit.value: expression.units.get(unit, 0.0) for unit in ActionUnit},
        "asymmetry": expression.asymmetry,
        "yaw_deg": pose.yaw_deg,
        "pitch_deg": pose.pitch_deg,
        "roll_deg": pose.roll_deg,
    }


def _person_file(plan: Plan, index: int, out: Path) -> Path:
    return out / "people" / f"{plan.seed:04d}-{index:05d}.json"


def _write_index(plan: Plan, out: Path) -> Path:
    rows = [
        row
        for index in range(plan.people)
        for row in json.loads(_person_file(plan, index, out).read_text(encoding="utf-8"))
    ]
    path = out / INDEX_NAME
    schema = INDEX_SCHEMA if plan.style is Style.V0 else FULL_SCHEMA
    staging = path.with_suffix(".tmp")
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), staging)
    staging.replace(path)
    return path
