"""Who has read what, and whose tokens no longer hold."""
