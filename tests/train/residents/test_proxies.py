import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pain.errors import AssetError
from train.residents.proxies import read_proxy

# One quad (bits 1 and 8) with material (bit 2), then one triangle that shares an edge with it.
FACES = [11, 0, 1, 2, 3, 0, 0, 1, 2, 3, 8, 2, 3, 4, 2, 5, 4]


def document(**changes: Any) -> dict[str, Any]:
    return {
        "faces": FACES,
        "uvs": [[0, 0, 1, 0, 1, 1, 0, 1, 0.5, 0.5, 0.9, 0.9]],
        "ref_vIdxs": [[10, 11, 12]] * 5,
        "weights": [[0.2, 0.3, 0.5]] * 5,
        "offsets": [[0.0, 0.1, 0.0]] * 5,
        **changes,
    }


def test_quads_become_triangles_and_seams_become_corners(tmp_path: Path) -> None:
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps(document()))
    proxy = read_proxy(path)
    assert proxy.faces.shape == (3, 3)
    vertices = proxy.corner_vertex[proxy.faces]
    assert vertices.tolist() == [[0, 1, 2], [0, 2, 3], [2, 3, 4]]
    # Vertex 3 has one UV in the quad and another in the triangle, so it has two corners.
    assert np.count_nonzero(proxy.corner_vertex == 3) == 2
    assert len(proxy.uv) == len(proxy.corner_vertex) == 6


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        json.dumps({"faces": FACES}),
        json.dumps(document(faces=[0, 0, 1, 2])),
        json.dumps(document(faces=[11, 0, 1])),
    ],
    ids=["not json", "keys missing", "no texture coordinates", "cut short"],
)
def test_what_is_not_a_proxy_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "proxy.json"
    path.write_text(content)
    with pytest.raises(AssetError, match="not a readable MakeHuman proxy"):
        read_proxy(path)
