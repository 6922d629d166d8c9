"""Calls and their results."""

from headgate.core.conversation import Media, Text, Tool, ToolCall, ToolResult
from headgate.core.model_profile import ModelProfile
from headgate.translation.pairing import Pairing
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES, answered, assistant, called, system, user

INTERRUPTED = "The call was interrupted: it has no result."


def _paired(traits, *turns):
    return Pairing(traits, ModelProfile()).paired(turns)


def test_pairs_that_fit_are_not_copied():
    """The same objects."""
    turns = (user("Go."), assistant(called("c1"), called("c2")), user(answered("c1", name="read"), answered("c2", name="read")), assistant("Done."))

    assert all(new is old for new, old in zip(_paired(RESPONSES, *turns), turns, strict=True))


def test_results_come_first_and_in_the_order_of_their_calls():
    """What the user said between them comes after."""
    turns = (assistant(called("c1"), called("c2")), user("Wait.", answered("c2", "b")), user(answered("c1", "a"), "Go on."))

    assert _paired(CHAT, *turns) == [
        assistant(called("c1"), called("c2")),
        user(answered("c1", "a", "read"), answered("c2", "b", "read"), "Wait."),
        user("Go on."),
    ]


def test_a_system_turn_is_never_between_a_call_and_its_result():
    """Where results come first."""
    turns = (assistant(called("c1")), system("Be brief."), user(answered("c1")))

    assert _paired(CHAT, *turns) == [assistant(called("c1")), user(answered("c1", name="read")), system("Be brief.")]
    assert _paired(RESPONSES, *turns) == [assistant(called("c1")), system("Be brief."), user(answered("c1", name="read"))]


def test_calls_that_follow_each_other_are_one_turn():
    """A Responses client writes each call as an item of its own."""
    turns = (assistant(called("c1")), assistant(called("c2")), user(answered("c1"), answered("c2")), assistant("Done."), assistant("Bye."))

    assert _paired(CHAT, *turns) == [
        assistant(called("c1"), called("c2")),
        user(answered("c1", name="read"), answered("c2", name="read")),
        assistant("Done."),
        assistant("Bye."),
    ]


def test_a_call_without_a_result_was_interrupted():
    """At the end, before the user's next turn and between two of the assistant's."""
    result = ToolResult("c1", (Text(INTERRUPTED),), "read", failed=True)

    assert _paired(ANTHROPIC, assistant(called("c1"))) == [assistant(called("c1")), user(result)]
    assert _paired(ANTHROPIC, assistant(called("c1")), user("Stop!")) == [assistant(called("c1")), user(result, "Stop!")]
    assert _paired(ANTHROPIC, assistant(called("c1")), system("x"), assistant("y")) == [
        assistant(called("c1")),
        user(result),
        system("x"),
        assistant("y"),
    ]


def test_a_result_without_its_call_is_text():
    """Also a second one of the same call, and one in a turn of the assistant's."""
    label = "[Result of c1, whose call is no longer in this conversation]"

    assert _paired(CHAT, user(answered("c1", "a"), "Go.")) == [user(label, "a", "Go.")]
    assert _paired(CHAT, assistant(called("c1")), user(answered("c1", "a"), answered("c1", "b"))) == [
        assistant(called("c1")),
        user(answered("c1", "a", "read"), label, "b"),
    ]
    assert _paired(CHAT, assistant(answered("c1", "a"))) == [assistant(label, "a")]


def test_ids_are_legal_on_both_sides():
    """Where two calls have the same id, each has its own result."""
    turns = (assistant(called("c:1", "a"), called("c:1", "b")), user(answered("c:1", "1"), answered("c:1", "2")))
    calls, results = _paired(ANTHROPIC, *turns)

    assert [part.call_id for part in calls.parts] == [part.call_id for part in results.parts]
    assert len({part.call_id for part in calls.parts}) == 2
    assert [(part.name, part.parts[0].text) for part in results.parts] == [("a", "1"), ("b", "2")]


def test_results_without_ids_match_by_name_and_order():
    """Gemini's clients may leave ids out."""
    turns = (
        assistant(called("", "a"), called("", "b"), called("", "a")),
        user(answered("", "b1", "b"), answered("", "a1", "a"), answered("", "a2", "a")),
    )
    calls, results = _paired(ANTHROPIC, *turns)

    assert [part.parts[0].text for part in results.parts] == ["a1", "b1", "a2"]
    assert [part.call_id for part in results.parts] == [part.call_id for part in calls.parts]


def test_images_of_results_follow_all_of_them():
    """Each with the id of its call."""
    image = Media("image", "image/png", "AAAA")
    turns = (assistant(called("c1"), called("c2")), user(ToolResult("c1", (image,)), answered("c2"), "Look."))

    assert _paired(CHAT, *turns)[1] == user(
        ToolResult("c1", (Text("[image of the result of call c1 below]"),), "read"),
        answered("c2", name="read"),
        "Image of the result of call c1:",
        image,
        "Look.",
    )


def test_a_search_for_tools_answers_with_their_names():
    """The tools themselves are in the list of tools; a dialect that has such searches keeps its result."""
    call = ToolCall("c1", "tool_search", "{}")
    found = ToolResult("c1", (), kind="tool_search", tools=(Tool("a"),))

    assert _paired(ANTHROPIC, assistant(call), user(found))[1] == user(ToolResult("c1", (Text("Found tools: a"),), "tool_search"))
    own = ToolCall("c1", "tool_search", "{}", "tool_search")
    assert _paired(RESPONSES, assistant(own), user(found))[1].parts[0].kind == "tool_search"
    assert _paired(RESPONSES, assistant(own), user(found))[1].parts[0].tools == (Tool("a"),)


def test_a_result_is_of_the_kind_of_its_call():
    """Chat Completions does not say it, and Responses refuses the result of a function for the call of a custom tool."""
    call = called("c1", kind="custom")

    assert _paired(RESPONSES, assistant(call), user(answered("c1")))[1].parts[0].kind == "custom"
    assert _paired(ANTHROPIC, assistant(call), user(answered("c1")))[1].parts[0].kind == "function"


def test_thousands_of_results_in_any_order_find_their_calls():
    """By their ids, without a search through all calls for each."""
    ids = [f"c{n}" for n in range(30_000)]
    paired = _paired(CHAT, assistant(*map(called, ids)), user(*(answered(each, each) for each in reversed(ids))))

    assert [part.call_id for part in paired[1].parts] == ids
    assert [part.parts[0].text for part in paired[1].parts] == ids


def test_results_without_ids_are_those_of_calls_without_ids_in_order():
    """By the name where the result says one; a result is never given to a call that has one."""
    results = (answered("", "b", "b"), answered("", "a", ""), answered("", "a2", "a"), answered("", "none left", "a"))
    paired = _paired(CHAT, assistant(called("", "a"), called("", "b"), called("", "a")), user(*results))

    assert [part.parts[0].text for part in paired[1].parts[:3]] == ["a", "b", "a2"]
    assert paired[1].parts[3].text == "[Result of a, whose call is no longer in this conversation]"


def test_thousands_of_turns_of_calls_become_one():
    """Each call has its result, and there is one turn of each."""
    turns = [assistant(called(f"c{n}")) for n in range(30_000)]
    calls, results = _paired(CHAT, *turns)

    assert len(calls.parts) == len(results.parts) == 30_000
