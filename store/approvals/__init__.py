"""Whatever two people see to: proposed by one, decided by another, each once and for good."""
