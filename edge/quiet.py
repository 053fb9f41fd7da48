"""Keep third-party libraries from calling home and from chattering; import before them."""

from __future__ import annotations

import os
from typing import Final

QUIET_ENVIRONMENT: Final = {
    # Read by onnxruntime >= 1.29 at import; we pin below it and say no all the same.
    "ORT_DISABLE_TELEMETRY": "1",
    # glog and TFLite inside mediapipe: errors only, no start-up chatter on stderr.
    "GLOG_minloglevel": "2",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def hush() -> None:
    """Set the switches in this process's environment; child processes inherit them."""
    os.environ.update(QUIET_ENVIRONMENT)
