"""The live board of all rooms, from MQTT alone: it sees what a nursing station would see."""
