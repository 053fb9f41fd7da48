"""From pictures to a verified bundle and its card, in one command."""
