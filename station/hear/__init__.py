"""Hears the rooms over MQTT."""
