"""The flusher process: writes the journal to the tables."""
