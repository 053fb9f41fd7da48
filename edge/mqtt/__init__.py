"""MQTT: one link for each room, payload adapters, commands, Home Assistant discovery."""

from edge.mqtt.link import RoomLink

__all__ = ["RoomLink"]
