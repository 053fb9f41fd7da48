"""Export of the landmark model."""
