"""Courses that a batch can take, and how they are played."""
