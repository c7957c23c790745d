"""Checkpoints: each day the heads of all timelines, signed as one and kept for good."""
