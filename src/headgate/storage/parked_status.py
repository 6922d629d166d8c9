"""What is told about batches that wait for their table. Light: the serving process reads it, in the flusher's status."""

import msgspec


class ParkedTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table that does not take its rows, why, since when, and how much waits. `failures` counts the attempts since then."""

    table: str
    name: str
    location: str
    reason: str
    since_ns: int
    failures: int = 0
    tried_ns: int = 0
    bytes: int = 0
