"""A bound is put into any body so that only the bound differs, whatever else is in it and however it is spaced."""

import json

from hypothesis import given
from hypothesis import strategies as st

from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS, PROVIDERS

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
BOUNDS = st.one_of(st.integers(-5, 10_000), st.none(), st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False))
OTHERS = st.dictionaries(st.sampled_from(["messages", "x", "metadata", "temperature", "contents"]), VALUES, max_size=4)
NAMES = {"anthropic": "max_tokens", "openai_chat": "max_tokens", "openai_responses": "max_output_tokens"}
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")])


@given(st.sampled_from(sorted(NAMES)), OTHERS, st.booleans(), BOUNDS, SPACES, st.integers(1, 5_000), st.randoms())
def test_only_the_bound_differs(dialect, others, stated, bound, spaces, maximum, random):
    """It is a whole number up to the maximum then; a request that is within it is not touched."""
    name = NAMES[dialect]
    members = list({**others, "model": "m", **({name: bound} if stated else {})}.items())
    random.shuffle(members)
    body = json.dumps(dict(members), separators=spaces).encode()
    face = CLIENTS[dialect]
    asked = face.bounded(face.read(body, Operation("messages", "m"), ""), maximum)
    sent = json.loads(PROVIDERS[dialect].body(asked, "m"))
    assert {key: value for key, value in sent.items() if key != name} == {key: value for key, value in members if key != name}
    assert 0 <= sent[name] <= maximum
    least = 0 if dialect == "anthropic" else 1
    if stated and isinstance(bound, int | float) and not isinstance(bound, bool) and least <= bound <= maximum and bound == int(bound):
        assert PROVIDERS[dialect].body(asked, "m") == body
    else:
        assert sent[name] == maximum
