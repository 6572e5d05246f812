"""Bytes out and in: files and formats, without database and without Qt."""
