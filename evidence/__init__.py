"""Evidence that is kept: sealing, keys, kinds, what is coming in, and where the bytes lie."""
