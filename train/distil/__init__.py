"""Large networks teach small ones, and all of them learn level, PSPI and action units at once."""
