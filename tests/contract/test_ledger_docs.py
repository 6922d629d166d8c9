"""The queries of the ledger's page run, and its tables name what there is."""

import re
from pathlib import Path

import pytest

from headgate.catalog.ledger import exchanges_view, sessions_view
from tests.fakes.agent_telemetry import Telemetry
from tests.fakes.ledger_views import Ledger, exchange

PAGE = Path("docs/ledger.md").read_text(encoding="utf-8")
QUERIES = [query.strip() for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) for query in block.split(";") if query.strip()]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_queries_run(query):
    """As printed, each gives an answer."""
    said = Telemetry()
    said.claude_request(0, request_id="r-1")
    said.claude("tool_result", 1, success="true", tool_name="Edit", tool_use_id="a")

    assert Ledger([exchange("r-1")], said).ask(query).num_columns >= 3


@pytest.mark.parametrize("word", ["gateway", "bypassed", "failed", "request_id", "response_id", "session_tokens", "session_time", "model_tokens"])
def test_words_of_exchanges(word):
    """Each value of `via` and `match_kind` has its line."""
    assert f"| `{word}` |" in PAGE
    comments = " ".join(field.comment for field in exchanges_view.SCHEMA.fields)
    assert word in comments


@pytest.mark.parametrize("word", ["committed", "edited", "answered", "abandoned", "failed"])
def test_words_of_sessions(word):
    """Each outcome has its line."""
    assert f"| `{word}` |" in PAGE
    assert word in next(field.comment for field in sessions_view.SCHEMA.fields if field.name == "outcome")
