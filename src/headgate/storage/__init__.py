"""Disks and databases: control state, journal, flusher, Delta tables, queries."""
