"""``python -m painwatch``."""

from painwatch.cli import main

main()
