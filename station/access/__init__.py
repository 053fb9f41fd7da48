"""Who may look at the board, and who may act on it."""
