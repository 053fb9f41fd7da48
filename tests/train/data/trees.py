"""Small data sets on disk, laid out as their owners lay them out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(path: Path, *, seed: int, size: tuple[int, int] = (8, 8)) -> Path:
    """A picture of noise; the same seed and size give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def csv_folder(
    root: Path,
    text: str,
    *,
    pictures: Sequence[str] = ("a1.png", "a2.png", "b1.png", "b2.png"),
    name: str = "labels.csv",
    encoding: str = "utf-8",
) -> Path:
    """A folder with pictures and one CSV file."""
    for seed, file in enumerate(pictures):
        picture(root / file, seed=seed)
    (root / name).write_bytes(text.encode(encoding))
    return root


GOOD_CSV = (
    "image,subject,level,origin\n"
    "a1.png,ann,0,real\n"
    "a2.png,ann,3.5,real\n"
    "b1.png,bob,0,real\n"
    "b2.png,bob,6,real\n"
)


def unbc(root: Path, *, doubled: bool = False) -> Path:
    """Two patients with one clip each; the first has AUs and sequence labels."""
    clips = {"042-ll042": "ll042t1aaaff", "043-jh043": "jh043t1afaff"}
    images = root / ("Images/Images" if doubled else "Images")
    labels = root / ("Frame_Labels/Frame_Labels" if doubled else "Frame_Labels")
    for person, (subject, clip) in enumerate(clips.items()):
        for number in range(1, 4):
            stem = f"{clip}{number:03d}"
            picture(images / subject / clip / f"{stem}.png", seed=10 * person + number)
            write(
                labels / "PSPI" / subject / clip / f"{stem}_facs.txt",
                f"  {number - 1}.0000000e+00\n",
            )
    facs = labels / "FACS" / "042-ll042" / "ll042t1aaaff"
    write(facs / "ll042t1aaaff001_facs.txt", "")
    write(
        facs / "ll042t1aaaff002_facs.txt",
        "   4.0000000e+00   1.0000000e+00   2.0000000e+00   5.0000000e+00\n"
        "  43.0000000e+00   1.0000000e+00   0.0000000e+00   0.0000000e+00\n"
        "  50.0000000e+00   0.0000000e+00   0.0000000e+00   0.0000000e+00\n",
    )
    for scale, value in {"OPR": "4", "VAS": "7.0000000e+00", "AFF": "9", "SEN": "10"}.items():
        write(root / "Sequence_Labels" / scale / "042-ll042" / "ll042t1aaaff.txt", value)
    return root


def pain3d(root: Path, *, images: str = "images") -> Path:
    """Two identities, one pain each in two views, and a neutral view each."""
    for person in range(2):
        base = f"flame_sample_{person:04d}"
        for view in range(2):
            picture(root / images / f"{base}_pain_1_view_{view:03d}.png", seed=10 * person + view)
        picture(root / images / f"{base}_neutral_textured_view_000.png", seed=10 * person + 5)
        # A number that the other's begins with must not be mistaken for it.
        picture(root / images / f"{base}_pain_10_view_000.png", seed=10 * person + 6)
        write_json(
            root / "annotations" / f"{base}_pain_1_annotations.json",
            {"AU4": 3, "AU6": 2, "AU7": 4, "AU9": 0, "AU10": 1, "AU43": 1, "PSPI": 9},
        )
        write_json(
            root / "annotations" / f"{base}_pain_10_annotations.json",
            {"AU4": 1, "AU6": 0, "AU7": 0, "AU9": 0, "AU10": 0, "AU43": 0, "PSPI": 1},
        )
    return root


def synpain(root: Path) -> Path:
    """A pain pair and a no-pain pair of one old woman, and a single picture of a young man."""
    picture(root / "Images" / "1111300012_Pain_Woman_Old.jpg", seed=1, size=(32, 16))
    picture(root / "Images" / "1011300012_NoPain_Woman_Old.jpg", seed=2, size=(32, 16))
    picture(root / "Images" / "1100000007_Pain_Man_Young.jpg", seed=3, size=(16, 16))
    return root


def delaware(root: Path, table: str, *, pictures: Sequence[str] | None = None) -> Path:
    """Pictures in a subfolder and a table of ratings."""
    for seed, name in enumerate(
        pictures
        or (
            "BM12_neutral.jpg",
            "BM12_pain_low.jpg",
            "BM12_pain_high.jpg",
            "WF12_neutral.jpg",
            "WF12_pain.jpg",
        )
    ):
        picture(root / "stimuli" / name, seed=seed)
    write(root / "delaware_ratings.csv", table)
    return root


DELAWARE_CSV = (
    "Stimulus,Mean Pain,Race,Gender,Age\n"
    "BM12_pain_low,0.8,Black,M,24\n"
    "BM12_pain_high.jpg,4.6,Black,M,24\n"
    "stimuli/WF12_pain.jpg,3.1,White,F,31\n"
)


class Cell(str):
    """A cell as its XML stands in a sheet, for what is neither text nor a number."""

    __slots__ = ()


def xlsx(
    path: Path, sheets: Mapping[str, Sequence[Sequence[str | float]]], *, hidden: Sequence[str] = ()
) -> Path:
    """A workbook as Excel lays it out, with strings inline; names by sheet, then rows of cells.

    Style 1 is per cent.
    """
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    names = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"'
        f"{' state=' + chr(34) + 'hidden' + chr(34) if name in hidden else ''}/>"
        for at, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{at}" Type="{relations}/worksheet" Target="worksheets/s{at}.xml"/>'
        for at, _ in enumerate(sheets, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r0" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{relations}"><sheets>{names}</sheets>'
        "</workbook>",
        "xl/styles.xml": f'<styleSheet {main}><numFmts count="1"><numFmt numFmtId="165" '
        'formatCode="0.0%"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="165"/>'
        "</cellXfs></styleSheet>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{links}'
        "</Relationships>",
    }
    for at, rows in enumerate(sheets.values(), 1):
        cells = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in rows)
        parts[f"xl/worksheets/s{at}.xml"] = (
            f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>"
        )
    return _archive(path, parts)


def _xlsx_cell(value: str | float) -> str:
    if isinstance(value, Cell):
        return str(value)
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def ods(path: Path, rows: Sequence[Sequence[str | float]]) -> Path:
    """A table as LibreOffice lays it out."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{oasis}:{name}:1.0"' for name in ("office", "table", "text"))
    spaces += (
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    )
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Sheet1">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<m:manifest xmlns:m="{oasis}:manifest:1.0"/>'
    parts = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return _archive(path, parts)


def _ods_cell(value: str | float) -> str:
    if isinstance(value, Cell):
        return str(value)
    kind = "string" if isinstance(value, str) else "float"
    number = "" if isinstance(value, str) else f' office:value="{value}"'
    return (
        f'<table:table-cell office:value-type="{kind}"{number}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def _archive(path: Path, parts: Mapping[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, record: Mapping[str, Any] | list[Any]) -> Path:
    return write(path, json.dumps(record))


def residents(root: Path, **changes: Any) -> Path:
    """Two people with two pictures each, in the index that ``residents make`` writes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from train.residents.dataset import INDEX_NAME, INDEX_SCHEMA

    rows = []
    for person in range(2):
        for number in range(2):
            file = f"images/s0001-p{person:05d}/s0001-p{person:05d}-{number:03d}.jpg"
            picture(root / file, seed=10 * person + number, size=(64, 64))
            row: dict[str, Any] = {
                name: 0.0 for name in INDEX_SCHEMA.names if INDEX_SCHEMA.field(name).type == "float"
            }
            row |= {
                "file": file,
                "subject": f"s0001-p{person:05d}",
                "sex": "female" if person else "male",
                "ancestry": "asian",
                "age_years": 70 + 15 * person,
                "expression": "pain" if number else "neutral",
                "kind": "pain" if number else "neutral",
                "level": 4.0 * number,
                "pspi": 8.0 * number,
                "AU4": 4.0 * number,
                "AU7": 4.0 * number,
                "yaw_deg": 12.5,
            }
            rows.append(row)
    rows[0] |= changes
    pq.write_table(pa.Table.from_pylist(rows, schema=INDEX_SCHEMA), root / INDEX_NAME)
    write_json(root / "dataset.json", {"generator_version": 1, "seed": 7})
    return root


def clip(root: Path, name: str = "resident", *, frames: int = 4, **changes: Any) -> Path:
    """A video of noise and its truth, as ``train.residents.clip`` writes them."""
    import av

    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    with av.open(str(root / f"{name}.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 32, 32
        stream.pix_fmt = "yuv420p"
        for _ in range(frames):
            noise = rng.integers(0, 256, (32, 32, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    truth = {
        "subject": f"person-of-{name}",
        "synthetic": True,
        "fps": 25,
        "frames": frames,
        "expression": ["neutral", *["pain"] * (frames - 2), "smile"],
        "level": [0.0, *[3.0] * (frames - 2), 0.0],
        "pspi": [0.0, *[6.0] * (frames - 2), 1.0],
        **changes,
    }
    write_json(root / f"{name}.json", truth)
    return root
