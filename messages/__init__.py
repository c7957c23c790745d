"""The shared language: what travels between API, workflow, activities and store. Pydantic only."""
