"""A resident's own neutral: numbers only, measured in a calm window that a person asked for."""
