"""Versions of the village file, one step a file."""
