"""The arrangements of the years that deadlines are counted on, and how a year is imported."""
