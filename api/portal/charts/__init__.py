"""Figures as SVG, made of integers; each chart has a table that says the same."""
