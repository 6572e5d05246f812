"""History of the village file."""
