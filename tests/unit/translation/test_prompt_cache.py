"""Marks for a prompt cache."""

from headgate.core.conversation import Conversation, Text, Tool
from headgate.translation.prompt_cache import marks_whole
from tests.fakes.translation import ANTHROPIC, CHAT, called, user

TURNS = (user("Hi.", called("c")),)


def test_a_prompt_without_marks_is_marked_whole():
    """Where the provider caches nothing by itself."""
    assert marks_whole(Conversation(), TURNS, (Tool("a"),), ANTHROPIC)
    assert not marks_whole(Conversation(), TURNS, (Tool("a"),), CHAT)
    assert marks_whole(Conversation(cached=True), TURNS, (), CHAT)


def test_a_client_that_marks_is_left_alone():
    """In turns or tools."""
    assert not marks_whole(Conversation(), (user(Text("Hi.", cached=True)),), (), ANTHROPIC)
    assert not marks_whole(Conversation(), TURNS, (Tool("a", cached=True),), ANTHROPIC)
