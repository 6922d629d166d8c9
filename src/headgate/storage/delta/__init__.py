"""Delta tables and their files."""
