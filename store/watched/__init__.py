"""What ``GET /health`` looks at in the store: the workers' last words, and what has been lying about."""
