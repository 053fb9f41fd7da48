"""Configuration of the camera daemon: one YAML file, one class per section."""

from edge.config.alarms import AlarmsConfig, PainLimit
from edge.config.camera import CameraConfig
from edge.config.mqtt import MqttConfig, TlsConfig
from edge.config.quality import QualityConfig
from edge.config.room import RoomConfig
from edge.config.root import EdgeConfig
from edge.config.scoring import ScoringConfig
from edge.config.smoothing import SmoothingConfig
from edge.config.storage import StorageConfig
from edge.config.tracking import TrackingConfig

__all__ = [
    "AlarmsConfig",
    "CameraConfig",
    "EdgeConfig",
    "MqttConfig",
    "PainLimit",
    "QualityConfig",
    "RoomConfig",
    "ScoringConfig",
    "SmoothingConfig",
    "StorageConfig",
    "TlsConfig",
    "TrackingConfig",
]
