"""Commands to rooms, and what became of them."""
