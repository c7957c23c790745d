"""The regulation as values and pure judgements: no I/O, no clock, no temporalio."""
