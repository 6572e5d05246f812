"""What the district office does: the receiving twin of desa."""
