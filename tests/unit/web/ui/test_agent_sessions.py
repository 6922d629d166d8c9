"""What agents report of sessions, and the route that names a format."""

import json

import pytest

from headgate.admin.page_queries import PageColumn, PageRows
from headgate.web.ui.agent_sessions import SessionPages, dialect_of, reported_query, session_routes
from tests.fakes.browser import Browser


class Queries:
    """Answers every query with these records; the queries that were asked."""

    def __init__(self, *records) -> None:
        self._records = records
        self.asked = []

    async def rows(self, query, _principal):
        """The records."""
        self.asked.append(query)
        names = list(self._records[0]) if self._records else []
        return PageRows(
            columns=tuple(PageColumn(name, "STRING") for name in names), values=[[record[name] for record in self._records] for name in names]
        )


def record(session, **changes):
    """What is known of one session."""
    empty = dict.fromkeys(("prompts", "tool_calls", "edits", "lines_added", "lines_removed", "commits", "pull_requests"))
    return {"session_id": session} | empty | changes


async def test_what_came_of_sessions():
    """A commit comes before an edit; where neither is reported the last request decides."""
    queries = Queries(record("a", commits=1, edits=2), record("b", lines_added=3, prompts=4), record("c"))
    browser = Browser(routes=session_routes(SessionPages(queries, None, None, None)))
    assert await browser.sign_in("plain") == 303
    status, _, body = await browser.ask("GET", "/sessions/reported?id=a&id=b&id=c&id=" + "x" * 999)
    found = json.loads(body)
    assert (status, {name: (each["outcome"], each["turns"], each["added"]) for name, each in found.items()}) == (
        200,
        {"a": ("committed", None, 0), "b": ("edited", 4, 3), "c": ("", None, 0)},
    )
    assert [parameter.value for parameter in queries.asked[0].parameters] == ["a", "b", "c"]
    assert "my_client_tools" in queries.asked[0].text
    assert (await browser.ask("GET", "/sessions/reported"))[2] == "{}"


def test_viewers_are_shown_what_all_agents_report():
    """Of their own a member sees the tool calls."""
    assert "FROM system.ai_gateway.client_sessions" in reported_query(["a"], everyone=True).text


@pytest.mark.parametrize(
    ("route", "dialect"),
    [
        ("anthropic/v1/messages", "anthropic"),
        ("openai/v1/responses", "openai_responses"),
        ("openai/v1/chat/completions", "openai_chat"),
        ("gemini/v1/generateContent", "gemini"),
        ("cursor/v1/chat/completions", "cursor"),
        ("", ""),
    ],
)
def test_a_route_names_a_format(route, dialect):
    """As payload rows have it."""
    assert dialect_of(route) == dialect
