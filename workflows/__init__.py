"""The procedure of a batch, the shell it runs in, and the small keepers beside it."""
