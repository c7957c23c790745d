"""Registers as sheets: read row by row into entries, and written so that they can be read again."""
