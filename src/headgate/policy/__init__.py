"""Identifies the caller and decides what it may do. Pure decisions over an immutable snapshot."""
