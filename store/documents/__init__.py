"""Papers made out once, their letters, their way to the recipients, and what the public sees of them."""
