"""Prepares a conversation for a target of another dialect, and brings its answer back. Pure: no I/O, no clock; it knows no wire format."""
