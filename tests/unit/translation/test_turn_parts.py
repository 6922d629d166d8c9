"""Parts of turns, one by one."""

import msgspec
import pytest

from headgate.core.conversation import Foreign, Media, RefusalText, Text, Thinking, ToolCall, ToolResult
from headgate.core.errors import BadRequest
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.translation.loss_list import LossList
from headgate.translation.sent_names import SentNames
from headgate.translation.turn_parts import TurnParts
from tests.fakes.translation import ANTHROPIC, CHAT, GEMINI, RESPONSES, answered, assistant, called, system, user

SIGNED = OpaqueState("gemini", "signature", "Cg==", "gemini-3-pro")


def _parts(traits, **profile):
    losses = LossList()
    return TurnParts("m", traits, ModelProfile(**profile), SentNames(traits), losses), losses


def test_a_turn_without_anything_to_change_is_not_copied():
    """The same object."""
    turn = assistant("Reading.", called("c1", arguments='{"path": "a"}'), RefusalText("No."))

    assert _parts(ANTHROPIC)[0].prepared(turn) is turn


def test_calls_of_the_clients_own_kinds_are_those_of_functions():
    """Names, kinds and arguments."""
    parts, _ = _parts(ANTHROPIC)
    turn = assistant(
        ToolCall("c1", "exec", "ls()", "custom", "functions", "ctc_1"),
        ToolCall("c2", "", '{"type":"exec","command":["ls"]}', "local_shell"),
        called("c3", "mcp.read", ""),
    )

    assert parts.prepared(turn).parts == (
        ToolCall("c1", "functions__exec", '{"input":"ls()"}', item_id="ctc_1"),
        ToolCall("c2", "local_shell", '{"type":"exec","command":["ls"]}'),
        ToolCall("c3", "mcp_read_2ea332", "{}"),
    )


def test_a_dialect_that_has_the_kinds_gets_them():
    """Free text stays free text."""
    turn = assistant(ToolCall("c1", "exec", "", "custom", "functions"), ToolCall("c2", "shell", "", "shell"))

    assert _parts(RESPONSES)[0].prepared(turn) is turn


def test_blank_texts_are_left_out_where_they_are_refused():
    """One with a state stays: the provider wants it back. A turn of nothing else is gone."""
    turn = assistant(Text("", state=SIGNED), " \n")

    assert _parts(GEMINI)[0].prepared(turn) == assistant(Text("", state=SIGNED))
    assert _parts(ANTHROPIC)[0].prepared(turn) is None
    assert _parts(CHAT)[0].prepared(assistant(" ")) == assistant(" ")


def test_what_claude_code_says_to_anthropic_alone_is_left_out():
    """No other provider takes it out again, and it would change with each version."""
    turn = system("x-anthropic-billing-header: cc_version=2.1.332; cc_entrypoint=cli;")

    assert _parts(CHAT)[0].prepared(turn) is None
    assert _parts(ANTHROPIC)[0].prepared(turn) is turn
    assert _parts(CHAT)[0].prepared(user(*turn.parts)) == user(*turn.parts)


def test_parts_of_other_dialects_are_losses():
    """Those of the target's own dialect stay."""
    parts, losses = _parts(ANTHROPIC)
    own = Foreign("anthropic", "search_result", msgspec.Raw(b"{}"))
    turn = user("Look:", own, Foreign("gemini", "executableCode", msgspec.Raw(b"{}")))

    assert parts.prepared(turn) == user("Look:", own)
    assert losses.all() == (Loss("executableCode", "only gemini has it"),)


def test_tools_that_another_provider_ran_are_losses():
    """The call and the result."""
    parts, losses = _parts(CHAT)

    assert parts.prepared(assistant(called("s1", "web_search", kind="server"), "Found.")) == assistant("Found.")
    assert parts.prepared(user(ToolResult("s1", (), "web_search", kind="server"))) is None
    assert [loss.what for loss in losses.all()] == ["call of web_search", "result of web_search"]


def test_a_thought_that_cannot_be_read_is_a_loss():
    """The turn keeps the rest; a call keeps all but the state."""
    parts, losses = _parts(ANTHROPIC)

    assert parts.prepared(assistant(Thinking("hm"), "Yes.", ToolCall("c", "f", "{}", state=SIGNED))) == assistant("Yes.", called("c", "f"))
    assert [loss.what for loss in losses.all()] == ["thinking"]


def test_media_are_checked_in_results_too():
    """In words."""
    turn = user(ToolResult("c", (Media("image", "image/jpg", "AAAA"),)))

    assert _parts(ANTHROPIC)[0].prepared(turn).parts[0].parts == (Media("image", "image/jpeg", "AAAA"),)
    with pytest.raises(BadRequest, match="does not take images"):
        _parts(ANTHROPIC, images=False)[0].prepared(turn)
    plain = user(answered("c"))
    assert _parts(ANTHROPIC, images=False)[0].prepared(plain) is plain
