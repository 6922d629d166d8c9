"""What a token allows."""

import pytest

from headgate.core.endpoint import Endpoint
from headgate.core.errors import Forbidden
from headgate.core.principal import Grant, Principal
from headgate.policy.permit import permit, require_scope

ADA = Principal(id="usr_1", name="ada@example.com")


def grant(*endpoints: str, scopes: frozenset[str] = frozenset({"inference"})) -> Grant:
    return Grant(token_id="tok_1", token_name="ada's laptop", principal=ADA, scopes=scopes, endpoints=endpoints)


def test_permitted():
    """A pattern of the token stands for the endpoint."""
    permit(grant("*"), Endpoint(name="gpt-5.2", targets=()))
    permit(grant("gemini-*", "claude-*"), Endpoint(name="claude-opus-4-6", targets=()))


def test_not_permitted():
    """The refusal names the endpoint, what the token allows, and whom to ask."""
    with pytest.raises(Forbidden) as caught:
        permit(grant("claude-*"), Endpoint(name="gpt-5.2", targets=()))
    assert caught.value.status == 403
    for words in ("gpt-5.2", "claude-*", "ada's laptop", "administrator"):
        assert words in caught.value.message


def test_a_token_that_allows_nothing_or_much():
    """No pattern allows nothing; a long list is cut in the message."""
    with pytest.raises(Forbidden, match="allows no endpoint"):
        permit(grant(), Endpoint(name="gpt-5.2", targets=()))
    with pytest.raises(Forbidden, match="and 12 more"):
        permit(grant(*(f"m{number}" for number in range(20))), Endpoint(name="gpt-5.2", targets=()))


def test_scopes():
    """A scope is held or it is not; `admin` alone may not ask models."""
    require_scope(grant(scopes=frozenset({"admin"})), "admin")
    with pytest.raises(Forbidden, match="lacks the scope admin; it has inference"):
        require_scope(grant(), "admin")
    with pytest.raises(Forbidden, match="lacks the scope inference"):
        permit(grant("*", scopes=frozenset({"admin"})), Endpoint(name="gpt-5.2", targets=()))
    with pytest.raises(Forbidden, match="it has nothing"):
        require_scope(grant(scopes=frozenset()), "admin")
