"""The embedded stack and the ``choujian`` command: everything needed to run Choujian on one machine."""
