"""All that is said to Temporal from outside a workflow."""
