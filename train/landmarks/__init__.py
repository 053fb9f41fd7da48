"""Landmark model: pose-normalised landmarks -> PCA -> ridge regression -> AUs, PSPI and level."""
