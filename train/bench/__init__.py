"""How fast training is, beside PyTorch without us."""
