"""A batch judged from its ledger: the filed steps played through the batch's own loop, in memory."""
