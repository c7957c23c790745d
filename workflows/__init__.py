"""The procedure: ``batch.run()`` reads like the table of contents of the regulation."""
