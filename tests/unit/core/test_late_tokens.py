"""Tokens that become objects when they are asked for."""

from headgate.core.access_token import AccessToken
from headgate.core.late_tokens import LateTokens
from headgate.core.principal import Principal


def test_each_is_made_when_it_is_asked_for():
    """And looks like a mapping of all of them meanwhile."""
    made = []

    def make(row: bytes) -> AccessToken:
        made.append(row)
        return AccessToken(id=row.decode(), name="n", principal=Principal(id="usr_1", name="ada"))

    tokens = LateTokens({b"a": b"tok_a", b"b": b"tok_b"}, {"tok_a": b"a", "tok_b": b"b"}, make)
    assert (len(tokens), list(tokens), tokens.get(b"c"), tokens.digests["tok_b"], made) == (2, [b"a", b"b"], None, b"b", [])
    assert ([token.id for token in tokens.mentioning("k_a")], made.pop()) == (["tok_a"], b"tok_a")
    assert (tokens[b"b"].id, made) == ("tok_b", [b"tok_b"])
    assert tokens == {b"a": tokens[b"a"], b"b": tokens[b"b"]}
