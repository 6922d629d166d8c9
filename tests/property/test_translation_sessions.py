"""Whole sessions through a translation: what was sent stays as it was, and a provider gets its own states back and no other's."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.opaque_state import MARKS
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from tests.fakes.examples import examples
from tests.golden.translation.cases import DIALECTS
from tests.golden.translation.matrix import TARGETS
from tests.property.translation_sessions import Reply, Session

CLIENTS = tuple(name for name in DIALECTS if name in CLIENT_CODECS)
PROVIDERS = tuple(name for name in DIALECTS if name in PROVIDER_CODECS)
TURNS = {"anthropic": "messages", "openai_chat": "messages", "openai_responses": "input", "gemini": "contents"}

pytestmark = pytest.mark.skipif(not CLIENTS or not PROVIDERS, reason="no codec is written yet")

WORDS = st.text("ab é🚀\n", min_size=1, max_size=6).map(lambda text: f"x{text}x")
CALLS = st.lists(st.tuples(st.sampled_from(["look", "read_file"]), WORDS), max_size=3).map(tuple)
REPLIES = st.lists(
    st.builds(Reply, WORDS, st.just("state"), st.just("") | WORDS, CALLS).filter(lambda reply: reply.text or reply.calls), min_size=1, max_size=4
)


def state_of(provider, turn):
    """A state as this provider makes it, like no other."""
    return {"anthropic": f"EqQBsignature{turn}xx", "openai_responses": f"gAAAAAencrypted{turn}", "gemini": f"Q2tnUAAA{turn:04d}", "openai_chat": ""}[
        provider
    ]


def played(session, providers, replies):
    """The bodies that the providers were asked, turn by turn."""
    bodies = []
    session.say("Begin.")
    for turn, (provider, reply) in enumerate(zip(providers, replies, strict=True)):
        target = TARGETS[provider]
        bodies.append(session.asked_of(target).body)
        kept = Reply(reply.thought, state_of(provider, turn), reply.text, reply.calls)
        assert session.answered_by(target, kept) == len(reply.calls)
        if not reply.calls:
            session.say(f"Go on {turn}.")
    return bodies


def is_back(body, provider, turn, reply):
    """Whether a state is where its provider put it: on the thought that it proves, on a reasoning item, on the first call or else on the text."""
    state = state_of(provider, turn)
    if provider == "anthropic":
        thought = {"type": "thinking", "thinking": reply.thought, "signature": state}
        return any(thought == block for message in body["messages"] if message["role"] == "assistant" for block in message["content"])
    if provider == "openai_responses":
        return any(item["encrypted_content"] == state for item in body["input"] if item["type"] == "reasoning")
    (part,) = [part for content in body["contents"] for part in content["parts"] if part.get("thoughtSignature") == state]
    return part["functionCall"]["name"] == reply.calls[0][0] if reply.calls else part["text"] in {reply.text, ""}


def without_marks(value):
    """A value without its cache marks, which move on with the conversation."""
    if isinstance(value, dict):
        return {name: without_marks(each) for name, each in value.items() if name != "cache_control"}
    return [without_marks(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_history_only_grows(client, provider):
    """What a turn sends begins with all that the turn before sent, byte for byte, so that the provider's prompt cache and its proofs of thought hold."""

    @given(REPLIES)
    @examples(15)
    def run(replies):
        session = Session(client)
        bodies = [
            without_marks(json.loads(body))
            for body in [*played(session, [provider] * len(replies), replies), session.asked_of(TARGETS[provider]).body]
        ]
        for before, after in pairwise(bodies):
            said = len(before[TURNS[provider]])
            assert json.dumps(after[TURNS[provider]][:said]) == json.dumps(before[TURNS[provider]])
            assert {**after, TURNS[provider]: 0} == {**before, TURNS[provider]: 0}

    run()


@pytest.mark.parametrize("client", CLIENTS)
def test_states_never_leave_their_family(client):
    """In a session that changes its provider each one gets its own states back, unchanged, and neither another's nor an envelope."""

    @given(st.data(), REPLIES)
    @examples(40)
    def run(data, replies):
        providers = [data.draw(st.sampled_from(PROVIDERS)) for _ in replies]
        session = Session(client)
        played(session, providers, replies)
        for provider in PROVIDERS:
            body = session.asked_of(TARGETS[provider]).body
            assert not any(mark in body for mark in MARKS)
            for turn, maker in enumerate(providers):
                state = state_of(maker, turn).encode()
                assert not state or maker == provider or state not in body
                if maker == provider and client != "openai_chat" and state:
                    assert is_back(json.loads(body), provider, turn, replies[turn]), f"{maker}'s state of turn {turn} is not where it was"

    run()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("client", CLIENTS)
def test_what_was_said_comes_back_to_the_provider(client, provider):
    """Texts, calls and results of a session are all in what its provider is asked next."""

    @given(REPLIES)
    @examples(15)
    def run(replies):
        session = Session(client)
        played(session, [provider] * len(replies), replies)
        said = json.dumps(json.loads(session.asked_of(TARGETS[provider]).body))
        for reply in replies:
            for text in (reply.text, *(q for _, q in reply.calls), *(f"result of {q}" for _, q in reply.calls)):
                plain = json.dumps(text.strip())[1:-1]
                assert plain in said or json.dumps(plain)[1:-1] in said

    run()
