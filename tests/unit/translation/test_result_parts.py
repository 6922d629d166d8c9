"""What tools answered."""

from headgate.core.conversation import Media, Text, Tool, ToolResult
from headgate.core.model_profile import ModelProfile
from headgate.translation.result_parts import ResultParts, found_text, orphaned
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES, answered

IMAGE = Media("image", "image/png", "AAAA")
PROFILE = ModelProfile()


def test_a_result_gets_the_id_and_the_name_of_its_call():
    """Nothing else changes; one that has them is the same object."""
    result, beside = ResultParts(ANTHROPIC, PROFILE).prepared(answered("old"), "new", "read", "function")

    assert result == answered("new", name="read")
    assert beside == []
    assert ResultParts(ANTHROPIC, PROFILE).prepared(result, "new", "read", "function")[0] is result


def test_a_failure_is_in_words_where_there_is_no_mark_for_it():
    """Once."""
    parts = ResultParts(CHAT, PROFILE)
    failed = parts.prepared(answered("c", "no such file", "read", failed=True), "c", "read", "function")[0]

    assert failed.parts == (Text("Error: no such file"),)
    assert parts.prepared(failed, "c", "read", "function")[0] is failed
    assert parts.prepared(ToolResult("c", (), "read", failed=True), "c", "read", "function")[0].parts == (Text("Error: "),)
    assert ResultParts(ANTHROPIC, PROFILE).prepared(answered("c", "x", "read", failed=True), "c", "read", "function")[0].parts == (Text("x"),)


def test_images_follow_the_results_where_they_cannot_be_in_one():
    """With words at both places that say what belongs together."""
    shown = ToolResult("c", (Text("Here:"), IMAGE), "look")
    result, beside = ResultParts(CHAT, PROFILE).prepared(shown, "c", "look", "function")

    assert result.parts == (Text("Here:"), Text("[image of the result of call c below]"))
    assert beside == [Text("Image of the result of call c:"), IMAGE]
    assert ResultParts(RESPONSES, PROFILE).prepared(shown, "c", "look", "function") == (shown, [])
    assert ResultParts(RESPONSES, ModelProfile(result_media=False)).prepared(shown, "c", "look", "function")[1] == beside


def test_blank_texts_are_left_out_where_they_are_refused():
    """A result may be empty."""
    assert ResultParts(ANTHROPIC, PROFILE).prepared(answered("c", " "), "c", "read", "function")[0] == ToolResult("c", (), "read")
    assert ResultParts(CHAT, PROFILE).prepared(answered("c", " "), "c", "read", "function")[0].parts == (Text(" "),)


def test_a_call_without_a_result_was_interrupted():
    """The same words each time."""
    assert ResultParts(ANTHROPIC, PROFILE).interrupted("c", "read", "function") == ToolResult(
        "c", (Text("The call was interrupted: it has no result."),), "read", failed=True
    )
    assert ResultParts(CHAT, PROFILE).interrupted("c", "read", "function").parts[0].text.startswith("Error: The call")


def test_a_result_without_its_call_is_text():
    """With all that it says."""
    assert orphaned(ToolResult("c9", (Text("found"), Text(""), IMAGE))) == [
        Text("[Result of c9, whose call is no longer in this conversation]"),
        Text("found"),
        IMAGE,
    ]


def test_a_search_says_which_tools_it_found():
    """By the names that the client has for them."""
    assert found_text((Tool("a"), Tool("b", namespace="n"))) == Text("Found tools: a, n.b")
