"""Plans and schemes: every draft kept, approved by another person, numbered as papers."""
