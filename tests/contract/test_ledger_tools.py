"""Tool calls as the agents report them, and what Codex's say of lines, commits and pull requests."""

import json

import pytest

from tests.fakes.agent_telemetry import Telemetry
from tests.fakes.ledger_views import Ledger

PATCH = '*** Begin Patch\n*** Add File: x\n+a\n+print("b\\n+c")\n*** Update File: y\n@@\n-c\n+d\n context\n*** End Patch'


@pytest.fixture
def said():
    """What the agents export."""
    return Telemetry()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_decision_and_its_result(said, version):
    """Two records of one call are one row; a call that was turned down never ran."""
    said.claude("tool_decision", 1, decision="accept", tool_name="Write", tool_use_id="a")
    said.claude("tool_result", 2, success="true", tool_name="Write", tool_use_id="a", duration_ms="21")
    said.codex("tool_decision", 3, "c-1", decision="denied", tool_name="exec_command", call_id="b")
    said.codex("tool_decision", 4, "c-1", decision="approved_for_session", tool_name="exec_command", call_id="c")
    said.codex("tool_result", 5, "c-1", success=False, tool_name="exec_command", call_id="c", duration_ms=51)
    rows = (
        Ledger([], said, version)
        .ask("SELECT agent, call_id, tool, decision, ran, success, duration_ms, edited FROM client_tools ORDER BY called_at")
        .to_pylist()
    )

    assert [tuple(row.values()) for row in rows] == [
        ("claude-code", "a", "Write", "accepted", True, True, 21, True),
        ("codex", "b", "exec_command", "rejected", False, None, None, False),
        ("codex", "c", "exec_command", "accepted", True, False, 51, False),
    ]


def test_whether_a_person_decided(said):
    """A person, a rule or hook of the agent, or not known: as the agent says beside its decision."""
    sources = ("user_temporary", "user_permanent", "user_reject", "config", "hook", None)
    for number, source in enumerate(sources):
        more = {} if source is None else {"source": source}
        said.claude(
            "tool_decision", number, decision="reject" if source == "user_reject" else "accept", tool_name="Edit", tool_use_id=f"c{number}", **more
        )
    for number, source in enumerate(("User", "Config"), len(sources)):
        said.codex("tool_decision", number, "s-1", decision="approved", tool_name="apply_patch", call_id=f"x{number}", source=source)
    for number, decision in enumerate(("accept", "auto_accept"), 20):
        said.gemini("tool_call", number, function_name="replace", success=True, decision=decision)
    rows = Ledger([], said, "v2").ask("SELECT reviewed FROM client_tools ORDER BY called_at").to_pylist()
    assert [row["reviewed"] for row in rows] == [True, True, True, False, False, None, True, False, True, False]


@pytest.mark.parametrize("decision", ["accept", "auto_accept", "modify"])
def test_gemini_says_both_at_once(said, decision):
    """Its one record is decision and result; calls need no id to be told apart."""
    for at_s in (1, 2):
        said.gemini("tool_call", at_s, function_name="read_file", success=True, decision=decision, duration_ms=8)
    rows = Ledger([], said).rows("client_tools")

    assert [(row["tool"], row["decision"], row["ran"], row["success"], row["edited"]) for row in rows] == [
        ("read_file", "accepted", True, True, False)
    ] * 2


def test_an_id_that_is_used_again(said):
    """Some models call every call the same: each result still counts."""
    for at_s in (1, 5, 9):
        said.codex("tool_decision", at_s, decision="approved", tool_name="exec_command", call_id="call_0")
        said.codex("tool_result", at_s + 1, success="true", tool_name="exec_command", call_id="call_0", **{"headgate.commits": 1})
    rows = Ledger([], said).rows("client_tools")

    assert [(row["decision"], row["commits"]) for row in rows] == [("accepted", 1)] * 3


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"arguments": "<REDACTED>", "headgate.lines_added": 3, "headgate.lines_removed": 1}, (3, 1, 0, 0, True)),
        ({"arguments": "<REDACTED>", "headgate.commits": 1, "headgate.pull_requests": 2}, (0, 0, 1, 2, False)),
        ({"arguments": "<REDACTED>"}, (0, 0, 0, 0, False)),
        ({"arguments": PATCH}, (3, 1, 0, 0, True)),
        ({"arguments": json.dumps({"cmd": f"apply_patch <<'EOF'\n{PATCH}\nEOF"})}, (3, 1, 0, 0, True)),
        ({"arguments": json.dumps({"command": ["apply_patch", PATCH]})}, (3, 1, 0, 0, True)),
        ({"arguments": '{"cmd": "git add . && git -C x commit -m y; gh pr create --fill"}'}, (0, 0, 1, 1, False)),
        ({"arguments": '{"cmd": "git log --grep commit && legit commit"}'}, (0, 0, 0, 0, False)),
        ({"arguments": PATCH, "success": "false"}, (0, 0, 0, 0, False)),
        ({}, (0, 0, 0, 0, False)),
    ],
)
def test_what_a_call_brought_about(said, attributes, expected):
    """As the ingest counted it before the arguments went, or as the arguments say; of a failed call nothing."""
    said.codex("tool_result", 1, tool_name="exec_command", call_id="a", **attributes)
    row = Ledger([], said).one("client_tools")

    assert (row["lines_added"], row["lines_removed"], row["commits"], row["pull_requests"], row["edited"]) == expected
