"""Random draws: drawn up once, and the record of their course, signed line by line."""
