"""From a trained checkpoint to a verified model bundle."""
