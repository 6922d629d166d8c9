"""The journal on disk: what the serving process writes and every other process reads. Loads no table library."""
