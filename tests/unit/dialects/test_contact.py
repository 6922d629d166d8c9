"""Whom a user may ask, in the errors of every dialect."""

import json

import pytest

from headgate.core.errors import (
    BadRequest,
    BudgetExhausted,
    CredentialRefused,
    DestinationDeleted,
    Forbidden,
    GatewayError,
    LimitExceeded,
    Unauthenticated,
    Unavailable,
    UnknownModel,
    UpstreamFailed,
)
from headgate.dialects.contact import told_contact, with_contact
from headgate.dialects.registry import CLIENTS

CONTACT = "#ai-platform or ai@example.com"
ERRORS = (
    BadRequest("Bad."),
    BudgetExhausted("Spent.", retry_after_s=5.0),
    CredentialRefused("anthropic"),
    DestinationDeleted("Gone."),
    Forbidden("No.", code="permission_missing"),
    LimitExceeded("Too many.", retry_after_s=5.0),
    Unauthenticated("Who?", code="unknown_token"),
    Unavailable("Later.", retry_after_s=5.0),
    UnknownModel("No such model.", code="model_not_found"),
    UpstreamFailed("Cut.", status=504),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("name", CLIENTS)
def test_every_dialect_says_whom_to_ask(name: str, error: GatewayError) -> None:
    """At the end of the message that its agents show, in an answer and in a stream; status, headers and codes are as without it, and so is the error."""
    plain, face = CLIENTS[name], with_contact(CLIENTS, CONTACT)[name]
    before = dict(error.__dict__)
    expected, found = plain.error(error, "req_1"), face.error(error, "req_1")
    told = f"{error.message} Contact: {CONTACT}."

    assert found[:2] == expected[:2]
    assert json.loads(found[2].replace(json.dumps(told)[1:-1].encode(), json.dumps(error.message)[1:-1].encode())) == json.loads(expected[2])
    assert json.dumps(told)[1:-1].encode() in found[2]
    assert CONTACT.encode() in face.stream_error(error, "req_1")
    assert error.__dict__ == before
    assert face.read is plain.read


def test_without_a_contact_the_faces_are_the_same() -> None:
    """Nothing is put around them."""
    assert with_contact(CLIENTS, "") is CLIENTS


@pytest.mark.parametrize(("message", "told"), [("No.", "No. Contact: x."), ("No", "No. Contact: x."), ("Why? ", "Why? Contact: x.")])
def test_the_message_before_it_is_a_sentence(message: str, told: str) -> None:
    """A provider's own message may lack its full stop."""
    assert told_contact(message, "x") == told
    assert told_contact(message, "") == message
