"""What outside platforms are told, and how far each has taken it in."""
