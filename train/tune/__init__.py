"""Hyperparameter search with Optuna; many processes may share one study."""
