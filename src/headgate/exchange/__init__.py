"""The journey of one exchange, from the caller's bytes to the record that is kept of it."""
