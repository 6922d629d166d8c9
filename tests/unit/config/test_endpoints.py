"""Endpoints: their targets bound to providers, checked across keys."""

import msgspec
import pytest

from headgate.config.endpoints import compile_endpoints
from headgate.config.entries import WrittenEndpoint
from headgate.config.load import load
from headgate.config.problems import Problems
from headgate.config.toml_lines import key_lines
from headgate.core.endpoint import ParameterPolicy, PayloadRule, Provider
from tests.e2e.documented import block

LAB = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9000")
SPARE = Provider(name="spare", dialect="anthropic", base_url="http://127.0.0.1:9001")
OPENAI = Provider(name="openai", dialect="openai", base_url="https://api.openai.com/v1")
GRAMMAR = "letters, digits and . _ : / @ - only, at most 128"


def written(*entries):
    return msgspec.convert(entries, tuple[WrittenEndpoint, ...])


def compile_all(*entries, providers=(LAB, SPARE), reported=()):
    problems = Problems("", {})
    endpoints = compile_endpoints(written(*entries), providers, problems, reported)
    return endpoints, [str(problem) for problem in problems.found]


def target(provider="lab", **fields):
    return {"provider": provider, **fields}


def test_duplicate_names():
    """Names are unique."""
    entry = {"name": "a", "targets": [target()]}
    assert compile_all(entry, entry)[1] == ["endpoints[1].name: 'a' is already the name of endpoints[0]"]


def test_endpoint():
    """Targets are bound in order, also to providers that were found; the model is the endpoint's name unless written."""
    entry = {"name": "e", "targets": [target(model="m"), target("openai")], "display_name": "E", "tags": {"t": "v"}}
    (endpoint,), problems = compile_all(entry, providers=(LAB, OPENAI))
    assert problems == []
    assert [(each.provider.name, each.model, each.traffic_percent) for each in endpoint.targets] == [("lab", "m", None), ("openai", "e", None)]
    assert (endpoint.name, endpoint.display_name, endpoint.tags, endpoint.listed) == ("e", "E", {"t": "v"}, True)


def test_a_pattern_leaves_the_model_open():
    """It is the name that is asked for; a model that is written stays."""
    (endpoint,), problems = compile_all({"name": "claude-*", "targets": [target(), target("spare", model="m")]})
    assert problems == []
    assert [each.model for each in endpoint.targets] == ["", "m"]


SHARES = [target(traffic_percent=70), target("spare", traffic_percent=30)]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"targets": [target()]}, "endpoints[0].name: an endpoint needs a name"),
        ({"name": "a b"}, f"endpoints[0].name: 'a b' is no endpoint name: {GRAMMAR}"),
        ({"name": "../a"}, f"endpoints[0].name: '../a' is no endpoint name: {GRAMMAR}"),
        ({"name": "a *"}, f"endpoints[0].name: 'a *' is no endpoint name: {GRAMMAR}"),
        ({"name": "e"}, 'endpoints[0].targets: an endpoint needs at least one target, such as { provider = "lab", model = "claude-opus-4-6" }'),
        ({"name": "e", "targets": [{"model": "m"}]}, "endpoints[0].targets[0]: a target needs a provider"),
        ({"name": "e", "targets": [target("lob")]}, "endpoints[0].targets[0].provider: no provider is named 'lob' — did you mean 'lab'?"),
        ({"name": "e", "targets": [target(model="m*")]}, f"endpoints[0].targets[0].model: 'm*' is no model name: {GRAMMAR}"),
        ({"name": "e", "targets": [target(model=str(number)) for number in range(11)]},
         "endpoints[0].targets: an endpoint may have 10 targets, and this one has 11"),
        ({"name": "e", "targets": [SHARES[0], target("spare")]},
         "endpoints[0].targets[1]: needs a traffic_percent, since another target of this endpoint has one"),
        ({"name": "e", "targets": [SHARES[0], target("spare", traffic_percent=29)]},
         "endpoints[0].targets: the traffic_percent of all targets must add up to 100, and these add up to 99"),
        ({"name": "e", "targets": [SHARES[0], target(traffic_percent=30)]},
         "endpoints[0].targets[1]: is the same as targets[0]: write one target with the sum of their shares"),
        ({"name": "e", "targets": [target()], "fallbacks": [target("lob")]},
         "endpoints[0].fallbacks[0].provider: no provider is named 'lob' — did you mean 'lab'?"),
        ({"name": "e", "targets": [target()], "fallbacks": [target("spare", model=str(number)) for number in range(6)]},
         "endpoints[0].fallbacks: an endpoint may have 5 fallbacks, and this one has 6"),
        ({"name": "e", "targets": [target()], "fallbacks": [target("spare", traffic_percent=10)]},
         "endpoints[0].fallbacks[0].traffic_percent: a fallback has no share: it is tried when another target fails"),
        ({"name": "e", "targets": [target()], "first_token_timeout_s": 5},
         "endpoints[0].first_token_timeout_s: needs another target to try then: write fallbacks"),
        ({"name": "e", "targets": [target()], "allowed_tools": ["Read", "a b"]},
         "endpoints[0].allowed_tools[1]: 'a b' is no name of a tool, and no pattern of one with *"),
        ({"name": "e", "targets": [target()], "allowed_betas": [""]},
         "endpoints[0].allowed_betas[0]: '' is no name of a beta value, and no pattern of one with *"),
        ({"name": "e", "targets": SHARES, "first_token_timeout_s": 5},
         "endpoints[0].first_token_timeout_s: needs another target to try then: write fallbacks"),
    ],
)  # fmt: skip
def test_problems(entry, problem):
    """What does not make sense in an endpoint is told at its key."""
    assert compile_all(entry)[1] == [problem]


def test_problems_have_lines():
    """The line is that of the target, also within an array on several lines."""
    text = """[[endpoints]]
name = "e"
targets = [
  { provider = "lab", traffic_percent = 70 },
  { provider = "spare" },
]
"""
    problems = Problems("headgate.toml", key_lines(text))
    compile_endpoints(written({"name": "e", "targets": [SHARES[0], target("spare")]}), (LAB, SPARE), problems)
    assert [(found.line, found.path) for found in problems.found] == [(5, "endpoints[0].targets[1]")]


def test_the_page_on_endpoints_is_right(tmp_path):
    """Its file works as it is printed."""
    file = tmp_path / "headgate.toml"
    file.write_text(block("endpoints", "docs/endpoints.md").text + "[discovery]\nollama = false\n", encoding="utf-8")
    read = load(str(file), {}).endpoints
    assert [each.name for each in read] == ["databricks-claude-opus-4-6", "claude-*"]
    assert [each.traffic_percent for each in read[0].targets] == [80, 20]
    assert [each.label for each in read[0].fallbacks] == ["us/claude-opus-4-5"]
    assert read[1].parameters == ParameterPolicy(16000, server_tools=("web_search_*",))


def test_a_broken_provider_is_told_once():
    """An endpoint of a provider that has a problem of its own is not a second problem."""
    assert compile_all({"name": "e", "targets": [target("other")]}, reported=("other",))[1] == []


def test_shares():
    """Each target has its own; one of 0 gets no traffic."""
    (endpoint,), problems = compile_all({"name": "e", "targets": [*SHARES, target(model="next", traffic_percent=0)]})
    assert problems == []
    assert [each.traffic_percent for each in endpoint.targets] == [70, 30, 0]


def test_fallbacks():
    """In their order, with the endpoint's name as their model unless written; ordered targets need none for a first-token timeout."""
    entry = {"name": "e", "targets": [target()], "fallbacks": [target("spare"), target("spare", model="m")], "retry_budget_percent": 50}
    (one, other), problems = compile_all(entry, {"name": "o", "targets": [target(), target("spare")], "first_token_timeout_s": 5})
    assert problems == []
    assert [each.label for each in one.fallbacks] == ["spare/e", "spare/m"]
    assert (one.first_token_timeout_s, one.retry_budget_percent) == (0, 50)
    assert (other.first_token_timeout_s, other.retry_budget_percent) == (5, 20)


def test_parameters():
    """What is not declared allows everything, an empty list nothing; an endpoint that declares none has no policy at all."""
    fields = {"max_output_tokens": 8000, "allowed_tools": ["Read", "mcp__*"], "allowed_server_tools": [], "allowed_betas": ["a-*"]}
    (one, none), problems = compile_all({"name": "e", "targets": [target()], **fields}, {"name": "o", "targets": [target()]})
    assert problems == []
    assert one.parameters == ParameterPolicy(8000, ("Read", "mcp__*"), (), ("a-*",))
    assert none.parameters is None


def test_usage_tracking():
    """On unless it is switched off."""
    (on, off), problems = compile_all({"name": "a", "targets": [target()]}, {"name": "b", "targets": [target()], "usage_tracking": False})
    assert problems == []
    assert (on.usage_tracking, off.usage_tracking) == (True, False)


def test_an_endpoint_says_what_is_kept_of_it():
    """The table, the share and the pause; unset is left to what holds for all."""
    first = {"name": "a", "targets": [target()], "payload_table": "main.default.coding", "payload_sampling": 0.25, "payload_paused": True}
    (one, other), problems = compile_all(first, {"name": "b", "targets": [target()]})
    assert problems == []
    assert one.payload == PayloadRule("main.default.coding", 0.25, paused=True)
    assert other.payload == PayloadRule()

    _, problems = compile_all(first | {"payload_table": "coding"})
    assert "endpoints[0].payload_table" in problems[0]
