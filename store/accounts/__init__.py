"""People of the console: their accounts, how they are signed in, who stands in for whom."""
