"""Calls of OpenAI's own tools as items."""

import json

import msgspec
import pytest

from headgate.core.conversation import APPLY_PATCH, LOCAL_SHELL, SHELL, TOOL_SEARCH
from headgate.dialects.openai_responses.own_calls import object_of, own_call


def written(kind, arguments):
    """The item as JSON has it."""
    return json.loads(msgspec.json.encode(own_call(kind, "c", arguments, "completed")))


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        (TOOL_SEARCH, '{"query":"q"}', {"type": "tool_search_call", "execution": "client", "arguments": {"query": "q"}}),
        (LOCAL_SHELL, '{"command":["ls"]}', {"type": "local_shell_call", "action": {"type": "exec", "command": ["ls"], "env": {}}}),
        (SHELL, '{"commands":["ls"],"timeout_ms":9}', {"type": "shell_call", "action": {"commands": ["ls"], "timeout_ms": 9}}),
        (APPLY_PATCH, '{"type":"delete_file","path":"a"}', {"type": "apply_patch_call", "operation": {"type": "delete_file", "path": "a"}}),
    ],
)
def test_each_kind_has_a_member_for_its_object(kind, arguments, expected):
    """With what OpenAI requires in it."""
    assert written(kind, arguments) == {"status": "completed", "call_id": "c", **expected}


@pytest.mark.parametrize(
    ("kind", "member", "expected"),
    [
        (TOOL_SEARCH, "arguments", {}),
        (LOCAL_SHELL, "action", {"type": "exec", "command": [], "env": {}}),
        (SHELL, "action", {"commands": []}),
        (APPLY_PATCH, "operation", {"type": "update_file", "path": "", "diff": ""}),
    ],
)
def test_what_is_no_object_runs_nothing(kind, member, expected):
    """A model's text that is cut off must not become a command."""
    for arguments in ("", "rm -rf /", '["rm"]', '"rm"'):
        assert written(kind, arguments)[member] == expected


def test_members_stay_as_they_were_written():
    """Numbers and the order of keys."""
    assert object_of(' {"b": 1.50, "a": [ ]}') == {"b": msgspec.Raw(b"1.50"), "a": msgspec.Raw(b"[ ]")}
