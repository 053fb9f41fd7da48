"""What is wrong with this box, and what to do: the checks of ``painwatch edge doctor``."""
