"""A conversation is prepared for a target."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Text, Thinking, Tool, ToolCall, ToolChoice, ToolResult, Turn
from headgate.core.errors import BadRequest, Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.translation.call_names import Called
from headgate.translation.prepare import prepare
from tests.fakes.conversations import CONVERSATIONS, ROUNDS
from tests.fakes.translation import ALL_TRAITS, ANTHROPIC, CHAT, GEMINI, RESPONSES, answered, assistant, called, system, talk, user

PROFILES = (
    ModelProfile(),
    ModelProfile(
        system_in_place=True, custom_tools=False, result_media=False, thoughts_back="reasoning", thinking="adaptive", efforts=("low", "high")
    ),
    ModelProfile(thinks_before_forced_calls=False, thinking_optional=False, output_tokens_max=8192, thinking="budget", budget_tokens_min=1024),
    ModelProfile(tools_with_format=False, samples=False, refused=("stop", "parallel_tool_calls"), web_search=False),
)
OPAQUE = OpaqueState("openai", "encrypted", "gAAA", "gpt-5.6", "rs_1")


def test_a_turn_of_codex_is_prepared_for_anthropic():
    """Developer turns, namespaces, custom tools, hidden thoughts and parallel calls, all at once."""
    prepared = prepare(
        Conversation(
            model="claude-opus-5-5",
            turns=(
                system("You are Codex."),
                system("Sandbox: none."),
                user("Fix it."),
                assistant(
                    Thinking("Look first.", summary=True, state=OPAQUE),
                    "On it.",
                    ToolCall("call_1", "exec", "ls()", "custom", "functions"),
                    ToolCall("call_2", "spawn", "", "function", "collaboration"),
                ),
                system("Approval: never."),
                user(ToolResult("call_1", (Text("a.py"),), kind="custom"), answered("call_2", "ok")),
            ),
            tools=(
                Tool("exec", "custom", "Runs JavaScript.", namespace="functions"),
                Tool("spawn", namespace="collaboration"),
                Tool("web_search", "server", server_type="web_search", dialect="openai_responses", raw=msgspec.Raw(b'{"type":"web_search"}')),
            ),
            parallel_calls=False,
            reasoning=Reasoning(mode="on", effort="xhigh", shown=True),
            cache_key="session-1",
        ),
        ANTHROPIC,
        ModelProfile(thinking="adaptive", efforts=("low", "medium", "high"), output_tokens_max=128_000),
    )
    conversation = prepared.conversation

    assert conversation.turns == (
        system("You are Codex."),
        system("Sandbox: none."),
        user("Fix it."),
        assistant("On it.", called("call_1", "functions__exec", '{"input":"ls()"}'), called("call_2", "collaboration__spawn")),
        user(
            answered("call_1", "a.py", "functions__exec"),
            answered("call_2", "ok", "collaboration__spawn"),
            "<system-reminder>\nApproval: never.\n</system-reminder>",
        ),
    )
    assert [tool.name for tool in conversation.tools] == ["functions__exec", "collaboration__spawn", "web_search"]
    assert conversation.output_tokens_max == 128_000
    assert conversation.reasoning == Reasoning(mode="adaptive", effort="high", shown=True)
    assert conversation.parallel_calls is False
    assert conversation.cached
    assert len(conversation.cache_key) == 32
    assert prepared.calls.of("functions__exec") == Called("exec", "custom", "functions")
    assert prepared.losses == (Loss("thinking", "the model that answers cannot read what another one thought"),)


def test_a_turn_of_claude_code_is_prepared_for_chat_completions():
    """The attribution goes, a failure is in words, bounds and settings are the model's."""
    prepared = prepare(
        Conversation(
            model="gpt-4o",
            turns=(
                system("x-anthropic-billing-header: cc_version=2.1.332;"),
                system("You are Claude Code."),
                user("Read a."),
                assistant(Thinking("hm", state=OpaqueState("anthropic", "signature", "EqQB")), called("toolu_1", "Read", '{"path":"a"}')),
                user(answered("toolu_1", "no such file", failed=True), "Try b."),
            ),
            tools=(Tool("Read"),),
            output_tokens_max=64_000,
            sampling=Sampling(temperature=0.5),
            stop=("a", "b", "c", "d", "e"),
            user='{"device_id":"d1"}',
        ),
        CHAT,
        ModelProfile(output_tokens_max=16_384, thinks=False),
    )

    assert prepared.conversation.turns == (
        system("You are Claude Code."),
        user("Read a."),
        assistant(called("toolu_1", "Read", '{"path":"a"}')),
        user(ToolResult("toolu_1", (Text("Error: no such file"),), "Read", failed=True), "Try b."),
    )
    assert prepared.conversation.output_tokens_max == 16_384
    assert prepared.conversation.sampling == Sampling(temperature=0.5)
    assert (prepared.conversation.stop, prepared.stop) == ((), ("a", "b", "c", "d", "e"))
    assert "d1" not in prepared.conversation.user
    assert [loss.what for loss in prepared.losses] == ["max_tokens", "thinking"]


def test_words_for_a_form_are_the_last_at_the_head():
    """What comes before them stays the prefix of a prompt cache."""
    form = OutputFormat(kind="json_object")
    turns = prepare(Conversation(turns=(system("A"), user("1")), format=form), ANTHROPIC, ModelProfile()).conversation.turns

    assert [turn.role for turn in turns] == ["system", "system", "user"]
    assert turns[1].parts[0].text.startswith("Answer with one JSON object")


def test_a_request_without_tools_says_nothing_of_parallel_calls():
    """OpenAI refuses it."""
    assert prepare(Conversation(parallel_calls=True), CHAT, ModelProfile()).conversation.parallel_calls is None


def test_what_cannot_be_asked_is_refused():
    """Before anything is sent."""
    with pytest.raises(Untranslatable):
        prepare(Conversation(previous_response_id="resp_1"), ANTHROPIC, ModelProfile())
    with pytest.raises(BadRequest):
        prepare(talk(user("1"), assistant("2")), ANTHROPIC, ModelProfile(prefill=False))


def _prepared(conversation, traits, profile):
    try:
        return prepare(conversation, traits, profile)
    except (BadRequest, Untranslatable) as error:
        return error.message


@given(CONVERSATIONS, st.sampled_from(ALL_TRAITS), st.sampled_from(PROFILES))
def test_the_same_gives_the_same_and_once_is_enough(conversation, traits, profile):
    """What is prepared is prepared already."""
    first = _prepared(conversation, traits, profile)

    assert _prepared(conversation, traits, profile) == first
    if not isinstance(first, str):
        assert _prepared(first.conversation, traits, profile).conversation == first.conversation


@given(CONVERSATIONS, st.sampled_from(ALL_TRAITS), st.sampled_from(PROFILES))
def test_everything_is_legal(conversation, traits, profile):
    """Names, ids, pairs, roles and states, by the target's own rules."""
    prepared = _prepared(conversation, traits, profile)
    if isinstance(prepared, str):
        return
    roles = [turn.role for turn in prepared.conversation.turns]
    asked, answers = [], []
    for turn in prepared.conversation.turns:
        for part in turn.parts:
            assert not getattr(part, "state", None) or part.state.family == traits.family
            if isinstance(part, ToolCall):
                asked.append(part.call_id)
                assert re.fullmatch(traits.name_pattern, part.name)
                assert re.fullmatch(traits.call_id_pattern, part.call_id)
                assert len(part.name) <= traits.name_length_max
                assert len(part.call_id) <= traits.call_id_length_max
            if isinstance(part, ToolResult):
                answers.append(part.call_id)
    assert len(set(asked)) == len(asked)
    assert sorted(asked) == sorted(answers)
    if traits.alternates:
        spoken = [role for role in roles if role != "system"]
        assert spoken[::2] == ["user"] * len(spoken[::2])
        assert spoken[1::2] == ["assistant"] * len(spoken[1::2])


@given(CONVERSATIONS, st.sampled_from(ALL_TRAITS), st.sampled_from(PROFILES))
def test_every_tool_comes_back(conversation, traits, profile):
    """By the name that was sent, the client's own."""
    prepared = _prepared(msgspec.structs.replace(conversation, turns=(), choice=ToolChoice()), traits, profile)
    kept = {(tool.namespace, tool.name or tool.kind, tool.kind) for tool in conversation.tools}
    back = [prepared.calls.of(tool.name, tool.kind, tool.namespace) for tool in prepared.conversation.tools]

    assert {(called.namespace, called.name, called.kind) for called in back} == kept


def _flat(turns):
    return [(turn.role, part) for turn in turns for part in turn.parts]


@given(ROUNDS, st.sampled_from(ALL_TRAITS), st.sampled_from(PROFILES))
def test_the_history_of_a_turn_is_the_beginning_of_the_next_ones(rounds, traits, profile):
    """Else a prompt cache is lost, and the proof of thoughts with it."""
    before: list[tuple[str, object]] = []
    tools: tuple[Tool, ...] = ()
    turns: list[Turn] = [user("Begin.")]
    for more in rounds:
        turns += [assistant("Well."), *more]
        prepared = prepare(talk(*turns), traits, profile).conversation
        now = _flat(prepared.turns)

        assert now[: len(before)] == before
        assert prepared.tools[: len(tools)] == tools
        before, tools = now, prepared.tools


def test_a_long_history_is_not_copied():
    """What does not change is the same object."""
    turns = tuple(
        turn
        for number in range(50)
        for turn in (assistant("Reading.", called(f"c{number}")), user(answered(f"c{number}", "x" * 1000, "read"), "Go on."))
    )
    prepared = prepare(talk(user("Begin."), *turns), RESPONSES, ModelProfile()).conversation.turns

    assert all(new is old for new, old in zip(prepared[1:], turns, strict=True))
    assert prepare(talk(*turns), GEMINI, ModelProfile()).conversation.turns[0] == user("(The conversation begins here.)")
