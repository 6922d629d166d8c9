"""Parsing and compiling in the test's own process: what `ParserPool` does, without processes."""

from headgate.catalog import ddl
from headgate.storage.query.compile import compile_query


class HereParsers:
    """Reads and compiles at once."""

    async def read(self, text, principal, defaults, timeout_s):
        """What a statement means."""
        del principal, timeout_s
        return ddl.read(text, defaults)

    async def compile(self, query, relations):
        """The compiled query."""
        return compile_query(query, relations)
