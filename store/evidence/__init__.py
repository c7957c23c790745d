"""Evidence on record: what is coming in, what is kept, and who keeps it. The bytes lie elsewhere, sealed."""
