"""The regulation told once, pure: the case (what is known), the change (what follows), the handlers."""
