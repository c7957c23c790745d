"""What the record proves: periods as they ran, certificates of them, what an outage touched. Pure."""
