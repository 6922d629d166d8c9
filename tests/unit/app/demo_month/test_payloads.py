"""The requests and answers that the demo keeps: bodies that the gateway's own dialects read, which a page can show as a conversation."""

import datetime as dt
import json

import msgspec
import pytest

from headgate.app.demo_month import calendar, payloads
from headgate.app.demo_month.cast import CODEX
from headgate.core.clock import midnight_ns
from headgate.core.payload import LoggedPayload
from headgate.storage.rows import payload_rows
from tests.fakes.demo import ANCHOR, CAST

WEEK = [session for number in range(8) for session in calendar.sessions_on(CAST, ANCHOR - dt.timedelta(days=number))]
ENDS_NS = midnight_ns(ANCHOR) + 86_400_000_000_000
KEPT = payloads.kept(WEEK, 0, ENDS_NS, ENDS_NS)


def _of(special):
    session = next(session for session in WEEK if session.special == special)
    return [one for one in KEPT if one.session_id == session.session_id]


def test_rows_are_made_of_them():
    """Each is a row of a payload table, and belongs to an exchange."""
    rows = payload_rows.table([msgspec.msgpack.encode(one) for one in KEPT]).to_pylist()
    exchanges = {step.outcome.intent.request_id for session in WEEK for step in session.steps}

    assert len(rows) == len(KEPT) > 100
    assert {row["request_id"] for row in rows} <= exchanges
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(KEPT[0]), type=LoggedPayload) == KEPT[0]


@pytest.mark.parametrize("one", KEPT[::37], ids=lambda one: one.api_type)
def test_bodies_are_as_the_agents_send_them(one):
    """The model and that a stream is asked for are where the format has them, and the answer is one JSON value."""
    asked = json.loads(one.request)

    assert (asked["model"], asked["stream"]) == (one.model_sent, True)
    assert asked["messages" if "anthropic" in one.api_type else "input"]
    assert isinstance(json.loads(one.response), dict)


def test_a_conversation_has_tool_calls_with_results_and_diffs():
    """Each tool call of an answer has its result in a later request, and edits have what they replace."""
    own = _of(calendar.BROKEN_CACHE)
    messages = json.loads(own[-1].request)["messages"]
    blocks = [block for message in messages for block in message["content"]]
    uses = {block["id"]: block for block in blocks if block["type"] == "tool_use"}

    assert set(uses) == {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    assert any(use["input"].get("old_string") and use["input"].get("new_string") for use in uses.values())
    patches = [item for one in KEPT if one.api_type.endswith("responses") for item in json.loads(one.response).get("output", ())]
    assert any("*** Update File" in item.get("input", "") for item in patches) or not any(session.agent == CODEX for session in WEEK)


def test_a_broken_prefix_can_be_seen():
    """The requests before and after it differ in their tools, and so do the counts of the cache."""
    own = [one for one in _of(calendar.BROKEN_CACHE) if "usage" in one.response and len(json.loads(one.request)["messages"]) > 1]
    tools = [[tool["name"] for tool in json.loads(one.request)["tools"]] for one in own]
    reads = [json.loads(one.response)["usage"]["cache_read_input_tokens"] for one in own]
    changed = [place for place in range(1, len(own)) if tools[place] != tools[place - 1]]

    assert len(changed) >= 2
    assert all(reads[place] == 0 for place in changed)


def test_sub_agents_have_conversations_of_their_own():
    """What a sub-agent was asked is the first message of its requests."""
    own = _of(calendar.SUBAGENTS)
    firsts = {json.loads(one.request)["messages"][0]["content"][0]["text"].partition(" ")[0] for one in own}

    assert "Find" in firsts
    assert len(firsts) > 1
