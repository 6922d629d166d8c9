"""Turns that take turns."""

import pytest

from headgate.core.errors import BadRequest
from headgate.core.model_profile import ModelProfile
from headgate.translation.alternation import alternating, ended
from tests.fakes.translation import ANTHROPIC, CHAT, assistant, system, user


def test_neighbours_of_one_role_are_one_turn():
    """Their parts stay apart; system turns stay turns."""
    turns = (system("A"), system("B"), user("1"), user("2"), assistant("3"), assistant("4"), user("5"))

    assert alternating(turns) == [system("A"), system("B"), user("1", "2"), assistant("3", "4"), user("5")]


def test_the_users_turn_comes_first():
    """After the system's."""
    assert alternating((system("A"), assistant("Hello."))) == [system("A"), user("(The conversation begins here.)"), assistant("Hello.")]


def test_a_last_turn_of_the_assistants_is_gone_on_from_where_the_model_does_that():
    """Without the space at its end, which Anthropic refuses; else the client gets to know it."""
    turns = [user("1"), assistant("{ ")]

    assert ended([*turns], "m", CHAT, ModelProfile()) == turns
    assert ended([*turns], "m", ANTHROPIC, ModelProfile()) == [user("1"), assistant("{")]
    with pytest.raises(BadRequest, match="The model m does not go on from a last message of the assistant's"):
        ended(turns, "m", ANTHROPIC, ModelProfile(prefill=False))
    assert ended([user("1")], "m", ANTHROPIC, ModelProfile(prefill=False)) == [user("1")]


def test_thousands_of_neighbours_are_joined_at_once():
    """Each is copied once, not with each that follows."""
    assert alternating([user(str(n)) for n in range(50_000)]) == [user(*map(str, range(50_000)))]
