"""Whose face is scored: numbers only, compared in the gateway; no picture comes here."""
