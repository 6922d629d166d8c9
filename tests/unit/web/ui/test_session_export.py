"""An agent session as a file."""

import json

from headgate.dialects.transcript import called, failure, media, other, said
from headgate.web.ui.session_export import session_json, session_markdown
from headgate.web.ui.session_rows import ReportedTool, SessionRows
from headgate.web.ui.session_steps import SessionStep, Spoken

ROW = {
    "request_id": "req_1",
    "event_us": 1_764_496_800_000_000,
    "requester": "ada@example.com",
    "agent": "claude-code",
    "model": "m",
    "input_tokens": 10,
    "output_tokens": 2,
    "charge": "0.000012000000",
    "charge_status": "priced",
    "ended": "failed",
    "error_code": "x*y",
    "error_message": "no\nsuch",
}
FOUND = SessionRows(rows=[ROW])
CALL = Spoken(
    part=called("Edit", "c1", {"a": 1}), result=said("user", "result", "ok ``````", failed=True), decision=ReportedTool(decision="rejected")
)
STEP = SessionStep(
    row=ROW,
    asked=(Spoken(part=said("user", "text", "fix *it*")), Spoken(part=media("user", "image"))),
    answered=(
        Spoken(part=said("assistant", "thinking", "Hm")),
        CALL,
        Spoken(part=failure("broken")[0]),
        Spoken(part=other("user", {"type": "new"})),
        Spoken(part=said("user", "result", "alone")),
    ),
)


def test_json_has_every_part():
    """With the numbers of the row, the result of a call and what was decided."""
    found = json.loads(session_json("s1", FOUND, [STEP], ""))
    exchange = found["exchanges"][0]
    assert (found["charge"], found["errors"], found["truncated"]) == ("0.000012000000", 1, False)
    assert (exchange["request_id"], exchange["asked"][0]) == ("req_1", {"role": "user", "kind": "text", "text": "fix *it*"})
    assert exchange["answered"][1] == {
        "role": "assistant",
        "kind": "call",
        "text": '{\n  "a": 1\n}',
        "name": "Edit",
        "call_id": "c1",
        "result": {"role": "user", "kind": "result", "text": "ok ``````", "failed": True},
        "decision": "rejected",
    }
    assert json.loads(session_json("s1", FOUND, [], "Not kept."))["missing"] == "Not kept."


def test_markdown_keeps_what_was_said_as_text():
    """Every text is in a fence that it cannot close; names and errors are escaped."""
    text = session_markdown("s1", FOUND, [STEP], "")
    assert "```````text\nok ``````\n```````" in text
    assert "**failed**: x\\*y no such" in text
    assert "**Tool call: Edit** (rejected)" in text
    assert "**Result** (failed)" in text
    assert "```text\nfix *it*\n```" in text


def test_a_session_without_bodies_says_so():
    """And has the numbers of its exchanges."""
    bare = SessionStep(row=ROW | {"charge": None, "charge_status": "unpriced", "error_code": None, "error_message": None})
    text = session_markdown("s1", FOUND, [bare], "Not kept.")
    assert "Not kept." in text
    assert "unpriced" in text
