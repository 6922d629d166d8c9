"""The use-cases behind API, pages and CLI."""
