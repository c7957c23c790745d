"""What the desk keeps beside the record: forms begun and not filed, and who has which batch in hand."""
