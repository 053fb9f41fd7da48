"""How a running daemon tells others how it is: a small file for ``edge health``, and metrics."""
