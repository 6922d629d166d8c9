"""Rows for pages in tests: a stand-in for what answers queries, and the text of a page without its marks."""

import re
from collections.abc import Sequence

from headgate.admin.page_queries import PageColumn, PageQuery, PageRows
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal


class FakeQueries:
    """Answers every query with the same records, or refuses it. Remembers who asked what."""

    def __init__(self, *records: dict[str, object]) -> None:
        self.records: Sequence[dict[str, object]] = records
        self.refusal: GatewayError | None = None
        self.asked: list[tuple[PageQuery, Principal]] = []

    async def rows(self, query: PageQuery, principal: Principal) -> PageRows:
        """The records, column by column."""
        self.asked.append((query, principal))
        if self.refusal is not None:
            raise self.refusal
        names = list(self.records[0]) if self.records else []
        columns = tuple(PageColumn(name, "STRING") for name in names)
        return PageRows(columns=columns, values=[[record[name] for record in self.records] for name in names])


def read(body: str) -> str:
    """What a person reads on a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())
