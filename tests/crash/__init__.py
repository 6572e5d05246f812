"""Crash safety, shown: power cuts, failing calls and full media around the village's own actions."""
