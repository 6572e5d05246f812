"""Versions of the office store, one step a file."""
