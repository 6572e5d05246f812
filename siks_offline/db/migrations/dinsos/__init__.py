"""History of the office store."""
