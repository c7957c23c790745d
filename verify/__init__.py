"""Checking what Choujian certifies, without Choujian."""
