"""Training room: data sets, synthetic residents, models."""
