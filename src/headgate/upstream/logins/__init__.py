"""Credentials that end: where they come from, and which of them are in use."""
