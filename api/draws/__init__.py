"""Random draws over HTTP."""
