"""The record: an append-only, hash-chained log of what was decided, by whom, and with what.

Sources: EU AI Act (Regulation 2024/1689) articles 12, 19 and 26(6); IEC 60601-1-8 6.12.
"""
