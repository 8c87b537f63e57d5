"""Measurements: `python -m bench append|verify|rebuild`, as rates and ratios of one run."""
