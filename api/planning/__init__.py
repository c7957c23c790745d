"""Plans and schemes over HTTP."""
