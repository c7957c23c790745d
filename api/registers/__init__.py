"""The bureau's registers over HTTP."""
