"""Calls as the client knows them."""

from headgate.core.event import PartClosed, PartGrew, PartOpened
from headgate.translation.call_names import Called, CallNames
from headgate.translation.raised_calls import RaisedCalls

NAMES = CallNames({
    ("", "n__exec"): Called("exec", "custom", "n"),
    ("", "local_shell"): Called("local_shell", "local_shell"),
    ("", "a_b"): Called("a.b"),
})


def _raised(name, *texts, kind="function"):
    calls = RaisedCalls(NAMES)
    opened = calls.opened(PartOpened(0, "call", "c1", name, call_kind=kind))
    grown = [event for text in texts for event in calls.grew(PartGrew(0, text))]
    return opened, [event.text for event in (*grown, *calls.closed(PartClosed(0))[:-1])]


def test_a_function_grows_as_it_comes():
    """Under the client's name."""
    assert _raised("a_b", '{"x', '":1}') == (PartOpened(0, "call", "c1", "a.b"), ['{"x', '":1}'])


def test_a_call_without_arguments_has_none():
    """Agents read JSON."""
    assert _raised("a_b") == (PartOpened(0, "call", "c1", "a.b"), ["{}"])
    assert _raised("a_b", "", "")[1] == ["", "", "{}"]


def test_free_text_comes_when_the_call_is_whole():
    """Out of its argument, or as the model wrote it."""
    assert _raised("n__exec", '{"input": "l', 's()"}') == (PartOpened(0, "call", "c1", "exec", "n", "custom"), ["ls()"])
    assert _raised("n__exec", "ls()")[1] == ["ls()"]
    assert _raised("n__exec", '{"input": ""}')[1] == []


def test_free_text_that_came_as_such_stays():
    """Where the target has custom tools."""
    assert _raised("n__exec", "a", "b", kind="custom")[1] == ["a", "b"]


def test_a_command_of_the_shell_is_an_action():
    """As OpenAI's clients read it."""
    assert _raised("local_shell", '{"command":["ls"]}')[1] == ['{"type":"exec","command":["ls"]}']
    assert _raised("local_shell")[1] == ['{"type":"exec"}']


def test_other_parts_are_not_touched():
    """Also after a call."""
    calls = RaisedCalls(NAMES)
    calls.opened(PartOpened(0, "call", "c1", "n__exec"))
    calls.closed(PartClosed(0))

    assert calls.any
    assert calls.opened(PartOpened(1, "text")) == PartOpened(1, "text")
    assert calls.grew(PartGrew(1, "a")) == [PartGrew(1, "a")]
    assert calls.closed(PartClosed(1)) == [PartClosed(1)]
