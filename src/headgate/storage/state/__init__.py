"""The control state in a database, and the small files beside it."""
