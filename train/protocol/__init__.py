"""The protocol of the thesis: folds by person, early stopping, calibration, checkpoints."""
