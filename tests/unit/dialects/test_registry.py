"""The registry of faces."""

import pytest

from headgate.core.errors import Forbidden
from headgate.core.provider_dialect import WORDS
from headgate.dialects.asked import Asked
from headgate.dialects.registry import CLIENTS, PROVIDERS

ASKED = Asked(b"{}", "m", None, {}, {}, stream=False)


def test_every_face_is_there_under_its_own_name():
    """The five of clients, and one for each dialect that a provider may speak."""
    assert set(CLIENTS) == {"anthropic", "openai_chat", "openai_responses", "gemini", "cursor"}
    assert set(PROVIDERS) == {dialect for word in WORDS.values() for dialect in word.dialects}
    assert all(face.name == name for faces in (CLIENTS, PROVIDERS) for name, face in faces.items())


def test_every_client_has_a_provider_that_takes_its_requests_as_they_are():
    """Cursor's go to providers of Chat Completions."""
    assert {name: face.speaks for name, face in CLIENTS.items()} == {name: name for name in PROVIDERS} | {"cursor": "openai_chat"}


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_what_nobody_asked_to_hide_passes(name):
    """A stream has no filter then."""
    assert PROVIDERS[name].answer_filter(ASKED) is None


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_errors_name_their_reason(name):
    """As an answer and within a stream."""
    error = Forbidden("This token may not.")
    status, headers, body = CLIENTS[name].error(error, "req_1")
    assert (status, dict(headers)[b"content-type"].startswith(b"application/json")) == (403, True)
    assert b"This token may not." in body
    assert b"This token may not." in CLIENTS[name].stream_error(error, "req_1")


def test_the_registry_does_not_change():
    """Nobody adds a face at run time."""
    with pytest.raises(TypeError):
        CLIENTS["mine"] = CLIENTS["gemini"]
    with pytest.raises(TypeError):
        PROVIDERS["mine"] = PROVIDERS["gemini"]
    with pytest.raises(AttributeError):
        CLIENTS["gemini"].name = "mine"
