"""Progress of a plan, and statistics."""
