"""Documents as official letters: a document's facts in, the bytes of a PDF out."""
