"""Redaction of exports, in a process of its own."""
