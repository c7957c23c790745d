"""Letters on their way (文书寄送): the queue, what is printed for it, and lists that come back."""
