"""The rows of one agent session, and the tool calls between them."""

from decimal import Decimal

from headgate.web.ui.session_rows import ReportedTool, SessionRows, tools_by_request

ROWS = [
    {"request_id": "a", "event_us": 100, "ended": "completed", "charge": "0.1", "requester": "ada", "output_tokens": 3},
    {"request_id": "b", "event_us": 200, "ended": "failed", "charge": None, "requester": "ada", "output_tokens": None},
    {"request_id": "c", "event_us": 300, "ended": "client_gone", "charge": "0.2", "requester": "bob", "output_tokens": 4},
]


def test_what_the_rows_add_up_to():
    """Charges exactly, counts without those that are not known; the places of errors."""
    found = SessionRows(rows=ROWS)
    assert (found.charge, found.total("output_tokens"), found.errors, found.distinct("requester")) == (Decimal("0.3"), 7, [1], ["ada", "bob"])


def test_tool_calls_belong_to_the_exchange_before_them():
    """By their time; one before the first exchange belongs to none."""
    tools = [ReportedTool(tool=f"t{at}", called_us=at) for at in (50, 100, 150, 250, 999)]
    found = tools_by_request(ROWS, tools)
    assert {name: [tool.tool for tool in calls] for name, calls in found.items()} == {"a": ["t100", "t150"], "b": ["t250"], "c": ["t999"]}
