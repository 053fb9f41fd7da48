"""Settings files in YAML, as every room reads them: strict, and with the line of each mistake."""

from pain.settings.read import read_settings
from pain.settings.section import Section

__all__ = ["Section", "read_settings"]
