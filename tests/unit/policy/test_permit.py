"""What a token allows."""

import pytest

from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Endpoint
from headgate.core.errors import Forbidden
from headgate.core.principal import Principal
from headgate.policy.permit import permit, require_scope


def token(*endpoints: str, scopes: frozenset[str] = frozenset({"inference"})) -> AccessToken:
    ada = Principal(id="usr_1", name="ada@example.com", scopes=scopes)
    return AccessToken(id="tok_1", name="ada's laptop", principal=ada, endpoints=endpoints)


def test_permitted():
    """A pattern of the token stands for the endpoint."""
    permit(token("*"), Endpoint(name="gpt-5.2", targets=()))
    permit(token("gemini-*", "claude-*"), Endpoint(name="claude-opus-4-6", targets=()))


def test_not_permitted():
    """The refusal names the endpoint, what the token allows, and whom to ask."""
    with pytest.raises(Forbidden) as caught:
        permit(token("claude-*"), Endpoint(name="gpt-5.2", targets=()))
    assert caught.value.status == 403
    for words in ("gpt-5.2", "claude-*", "ada's laptop", "administrator"):
        assert words in caught.value.message


def test_a_token_that_allows_nothing_or_much():
    """No pattern allows nothing; a long list is cut in the message."""
    with pytest.raises(Forbidden, match="allows no endpoint"):
        permit(token(), Endpoint(name="gpt-5.2", targets=()))
    with pytest.raises(Forbidden, match="and 12 more"):
        permit(token(*(f"m{number}" for number in range(20))), Endpoint(name="gpt-5.2", targets=()))


def test_scopes():
    """A scope is held or it is not; `admin` alone may not ask models."""
    require_scope(token(scopes=frozenset({"admin"})), "admin")
    with pytest.raises(Forbidden, match="lacks the scope admin; it has inference"):
        require_scope(token(), "admin")
    with pytest.raises(Forbidden, match="lacks the scope inference"):
        permit(token("*", scopes=frozenset({"admin"})), Endpoint(name="gpt-5.2", targets=()))
    with pytest.raises(Forbidden, match="it has nothing"):
        require_scope(token(scopes=frozenset()), "admin")
