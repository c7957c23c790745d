"""The bureau's registers: every version of every entry, with the day from which it holds."""
