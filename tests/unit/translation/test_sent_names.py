"""Names that are sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.translation.call_names import Called
from headgate.translation.sent_names import SentNames
from tests.fakes.translation import ALL_TRAITS, ANTHROPIC, CHAT, GEMINI, RESPONSES

LONG = "x" * 65


@pytest.mark.parametrize(
    ("traits", "called", "sent"),
    [
        (CHAT, Called("read_file"), ("", "read_file")),
        (CHAT, Called("mcp.read file"), ("", "mcp_read_file")),
        (GEMINI, Called("mcp.read"), ("", "mcp.read")),
        (GEMINI, Called("1st"), ("", "_1st")),
        (CHAT, Called(""), ("", "_")),
        (CHAT, Called("lesen", "function", "dateien"), ("", "dateien__lesen")),
        (RESPONSES, Called("read", "function", "files"), ("files", "read")),
        (ANTHROPIC, Called(LONG), ("", LONG)),
    ],
)
def test_a_name_is_made_legal(traits, called, sent):
    """A legal name stays as it is."""
    assert SentNames(traits).issue(called) == sent


def test_a_long_name_ends_in_a_hash():
    """Of the whole name, so that two long ones stay two."""
    names = SentNames(CHAT)
    first, second = names.issue(Called(LONG + "a"))[1], names.issue(Called(LONG + "b"))[1]

    assert first[:57] == second[:57] == "x" * 57
    assert len(first) == len(second) == 64
    assert first != second


def test_the_first_of_two_that_would_be_one_keeps_the_name():
    """A later tool never changes the name of one before it."""
    names = SentNames(CHAT)

    assert names.issue(Called("a.b")) == ("", "a_b")
    clashed = names.issue(Called("a_b"))
    assert clashed[1].startswith("a_b_")
    assert names.raised().of("a_b") == Called("a.b")
    assert names.raised().of(clashed[1]) == Called("a_b")


def test_a_call_of_another_kind_finds_the_tool_by_name():
    """Some clients write a call of a custom tool as one of a function."""
    names = SentNames(CHAT)
    names.issue(Called("apply.patch", "custom"))

    assert names.of_call("apply.patch") == ("", "apply_patch")
    assert names.of_choice("apply.patch") == ("", "apply_patch")
    assert names.of_choice("other") is None


def test_a_tool_that_is_not_offered_has_a_name_that_depends_on_nothing_else():
    """More tools do not change the history."""
    names, more = SentNames(CHAT), SentNames(CHAT)
    more.issue(Called("a_b"))

    assert names.of_call("a.b") == more.of_call("a.b")
    assert names.of_call("a.b")[1].startswith("a_b_")
    assert names.of_call("ls") == ("", "ls")


@given(st.lists(st.builds(Called, st.text(max_size=80), st.sampled_from(["function", "custom"]), st.text(max_size=70))), st.sampled_from(ALL_TRAITS))
def test_every_name_is_legal_and_comes_back(tools, traits):
    """Whatever the client calls its tools."""
    names = SentNames(traits)
    sent = [names.issue(tool) for tool in tools]
    again = SentNames(traits)

    assert len(set(sent)) == len(set(tools))
    for tool, (namespace, name) in zip(tools, sent, strict=True):
        assert names.raised().of(name, namespace=namespace) == tool
        assert len(name) <= traits.name_length_max
        assert again.issue(Called(name, tool.kind, namespace)) == (namespace, name)


def test_a_choice_finds_a_tool_by_its_bare_name():
    """The one without a namespace counts first, then the first that was issued; also among thousands there is no search."""
    names = SentNames(CHAT)
    for n in range(20_000):
        names.issue(Called(f"t{n}", "function", "a"))
    names.issue(Called("t1", "function", "b"))
    names.issue(Called("t2"))

    assert (names.of_choice("t1"), names.of_choice("t2"), names.of_choice("t3x")) == (("", "a__t1"), ("", "t2"), None)
    assert [names.of_choice(f"t{n}") for n in range(3, 20_000)] == [("", f"a__t{n}") for n in range(3, 20_000)]
