"""Certificates: one deadline with all that shows it to be right, to be handed to a judge."""
