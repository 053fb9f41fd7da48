"""Pictures and videos from files, read one after another: no room, no broker, no alarm."""
