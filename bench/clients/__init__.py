"""Light clients of the systems under test: they trust the server, and are for measuring only."""
