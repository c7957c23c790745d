"""PostgreSQL: the ledger, the timeline, the read model and the documents. Decides no law."""
