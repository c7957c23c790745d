"""What is measured, and against what: ``python -m bench`` (bench/README.md)."""
