from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.bench.scenes import Cutout, Image, paste
from edge.track import Landmarker
from pain.errors import ModelFileError


def test_all_faces_are_reported_largest_first(
    empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    picture = np.ascontiguousarray(empty_room[:640, :640])
    small = paste(picture, resident.at_height(130), x=180, y=200)
    large = paste(picture, resident.at_height(180), x=460, y=400)
    faces = landmarker.detect(picture)
    assert [face.height_px for face in faces] == pytest.approx([180, 130], rel=0.1)
    for face, place in zip(faces, (large, small), strict=True):
        assert face.box.centre == pytest.approx((place.x, place.y), abs=0.1 * place.height_px)
        assert face.landmarks.dtype == np.float32
        assert face.blendshapes.dtype == np.float32
        assert ((face.blendshapes >= 0) & (face.blendshapes <= 1)).all()


def test_a_slice_gives_what_its_copy_gives(resident: Cutout, landmarker: Landmarker) -> None:
    wide = np.concatenate([resident.rgb, resident.rgb], axis=1)
    view = wide[:, : resident.rgb.shape[1]]
    assert not view.flags.c_contiguous
    (of_view,), (of_copy,) = landmarker.detect(view), landmarker.detect(resident.rgb)
    assert np.array_equal(of_view.landmarks, of_copy.landmarks)
    assert np.array_equal(of_view.blendshapes, of_copy.blendshapes)


def test_a_mirrored_face_turns_the_other_way(resident: Cutout, landmarker: Landmarker) -> None:
    (face,) = landmarker.detect(resident.rgb)
    (mirrored,) = landmarker.detect(resident.rgb[:, ::-1])
    assert mirrored.pose.yaw_deg == pytest.approx(-face.pose.yaw_deg, abs=3)
    assert mirrored.pose.roll_deg == pytest.approx(-face.pose.roll_deg, abs=3)
    assert mirrored.pose.pitch_deg == pytest.approx(face.pose.pitch_deg, abs=3)


def test_a_file_that_is_no_model_is_refused_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(b"no model at all")
    with pytest.raises(ModelFileError, match=r"MediaPipe cannot load .*face_landmarker\.task"):
        Landmarker(model=path)


def test_native_code_keeps_quiet_and_python_can_still_speak(landmarker_path: Path) -> None:
    program = (
        "import sys, numpy\n"
        "from pathlib import Path\n"
        "from edge.track import Landmarker\n"
        "with Landmarker(model=Path(sys.argv[1])) as landmarker:\n"
        "    landmarker.detect(numpy.zeros((200, 300, 3), numpy.uint8))\n"
        "print('after', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(landmarker_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    assert done.stderr == "after\n"
