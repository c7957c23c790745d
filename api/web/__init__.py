"""The plumbing of HTTP: who calls, what a body may be, how a problem is told."""
