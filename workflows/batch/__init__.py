"""The shell of a batch that speaks Temporal; only here anything is awaited."""
