"""What people look up: the read model with its pages and its search, every wait, and what falls due."""
