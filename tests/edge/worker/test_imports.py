from __future__ import annotations

import subprocess
import sys


def test_the_gateways_side_loads_nothing_that_touches_pictures() -> None:
    heavy = "{'av', 'cv2', 'mediapipe', 'onnxruntime'}"
    code = (
        "import sys, edge.worker.handle, edge.worker.messages\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
