"""The ``choujian`` command."""
