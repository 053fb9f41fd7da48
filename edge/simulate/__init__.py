"""Days of readings through the daemon's own smoothing and alarms, on a clock turned by hand."""
