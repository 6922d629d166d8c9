"""Copies of a data directory that fit together, and a data directory made from such a copy."""
