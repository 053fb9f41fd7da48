"""The gateway process: supervises workers, smooths, alarms, publishes. It never sees a pixel."""
