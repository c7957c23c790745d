"""A case handed over as one ZIP, with all that is needed to check it without Choujian."""
