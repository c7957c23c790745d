"""Whether every part of the installation does its work, and what to do where one does not. Decision 36."""
