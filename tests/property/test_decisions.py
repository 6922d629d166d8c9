"""Whatever a request or a file holds, the decisions at the front refuse it in their own words or take it, and never crash."""

import contextlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from headgate.config.load import load
from headgate.config.problems import ConfigError
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, Unauthenticated
from headgate.core.model_names import is_name, matches
from headgate.core.record import Attribution
from headgate.policy.attribute import attribute, request_tags
from headgate.policy.authenticate import compose_token, credential_of, parse_token
from headgate.routing.table import EndpointTable
from tests.fakes.examples import examples

NAMES = [
    b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key", b"user-agent", b"x-codex-turn-metadata", b"session-id", b"thread-id",
    b"x-claude-code-session-id", b"originator", b"databricks-ai-gateway-request-tags", b"host",
]  # fmt: skip
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.binary(max_size=80), st.text(max_size=40).map(str.encode))), max_size=8)
LAB = Provider(name="lab", dialect="gemini", base_url="http://127.0.0.1:9000")
TABLE = EndpointTable([LAB], [Endpoint(name="house/model", targets=(target_of(LAB, "m"),))])
MODELS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="gemini-databricks.25/@:_*[1m]", max_size=40),
    st.text(alphabet="./-a", max_size=12).map(lambda tail: f"gemini-{tail}"),
)


@given(HEADERS, st.text(max_size=40))
def test_credentials(headers, query_key):
    """Any headers give one credential or a refusal; what is found stood in one of them."""
    with contextlib.suppress(Unauthenticated):
        found = credential_of(headers, query_key)
        assert found
        assert found == query_key or any(found.encode() in value for _, value in headers)


@given(HEADERS, st.text(max_size=400), st.text(max_size=40))
def test_attribution(headers, session, path):
    """Any headers give an attribution whose values are bounded."""
    seen = attribute(headers, session, path)
    assert isinstance(seen, Attribution)
    assert all(len(getattr(seen, field)) <= 512 for field in seen.__struct_fields__)


@given(st.binary(max_size=200))
def test_tags(value):
    """Any header value gives tags or a refusal."""
    with contextlib.suppress(BadRequest):
        assert all(isinstance(each, str) for pair in request_tags([(b"databricks-ai-gateway-request-tags", value)]).items() for each in pair)


@given(MODELS)
def test_names_that_resolve_are_safe(model):
    """Whatever resolves is a name that cannot climb the provider's path, and so is the name that is sent."""
    endpoint = TABLE.resolve(model, "gemini")
    if endpoint is not None:
        sent = endpoint.targets[0].model
        assert is_name(endpoint.name)
        assert is_name(sent)
        assert ".." not in sent
        assert "/" not in sent


@given(st.binary(min_size=32, max_size=32), st.integers(0, 51), st.characters(codec="ascii"))
def test_a_changed_token_is_no_token(secret, position, character):
    """Every token is read back, and none survives the change of one character."""
    token = compose_token(secret)
    assert parse_token(token) == token
    changed = token[:position] + character + token[position + 1 :]
    assert changed == token or parse_token(changed) is None


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=8))
def test_patterns_mean_what_they_say(pattern, name):
    """A pattern matches exactly what the naive definition of `*` matches."""

    def naive(pattern: str, name: str) -> bool:
        if not pattern:
            return not name
        if pattern[0] == "*":
            return any(naive(pattern[1:], name[skip:]) for skip in range(len(name) + 1))
        return bool(name) and pattern[0] == name[0] and naive(pattern[1:], name[1:])

    assert matches(pattern, name) is naive(pattern, name)


@examples(60)
@given(st.one_of(st.binary(max_size=120), st.text(alphabet='[]{}="\n.,serverpo# 1t', max_size=80).map(str.encode)))
def test_configurations(tmp_path_factory, content):
    """Any file is a configuration or a list of problems."""
    file: Path = tmp_path_factory.getbasetemp() / "headgate.toml"
    file.write_bytes(content)
    with contextlib.suppress(ConfigError):
        load(str(file), {}, probe=lambda _address: None)
