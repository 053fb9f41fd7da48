"""The gateway process: supervises workers, smooths, raises alarms, publishes. It never sees a pixel."""
