"""Cursor's mount: bodies of three dialects in, Chat Completions out. Where a body has one shape alone, its own codec reads it."""
