"""What came into the mailbox and is for people: no rule reads it."""
