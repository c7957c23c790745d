"""Whose word it is: the installation's keys, and the notes that are signed with them."""
