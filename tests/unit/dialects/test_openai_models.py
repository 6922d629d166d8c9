"""Model listings: OpenAI's list, and the catalogue that Codex asks for."""

import json

import pytest

from headgate.app.model_profiles import installed
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.dialects.openai_models import listing, one
from headgate.translation.model_profiles import ModelProfiles

OPENAI = Provider(name="lab", dialect="openai", base_url="http://127.0.0.1:9000/v1")
ANTHROPIC = Provider(name="other", dialect="anthropic", base_url="http://127.0.0.1:9001")
GPT = Endpoint("databricks-gpt-5-2", (target_of(OPENAI, "gpt-5.2"),), display_name="GPT 5.2")
CLAUDE = Endpoint("claude-opus-4-6", (target_of(ANTHROPIC, "claude-opus-4-6"),))
PATTERN = Endpoint("gpt-*", (target_of(OPENAI, "gpt-5.2"),), listed=False)

CODEX_FIELDS = {
    "slug", "display_name", "description", "default_reasoning_level", "supported_reasoning_levels", "shell_type", "visibility", "supported_in_api",
    "priority", "base_instructions", "supports_reasoning_summaries", "support_verbosity", "default_verbosity", "apply_patch_tool_type",
    "truncation_policy", "supports_parallel_tool_calls", "context_window", "experimental_supported_tools",
}  # fmt: skip


def test_the_list_names_what_is_listed():
    """Patterns answer but are not listed."""
    body = json.loads(listing([GPT, CLAUDE, PATTERN], {}))
    assert body == {
        "object": "list",
        "data": [
            {"id": "databricks-gpt-5-2", "object": "model", "created": 0, "owned_by": "lab"},
            {"id": "claude-opus-4-6", "object": "model", "created": 0, "owned_by": "other"},
        ],
    }


def test_one_model_is_an_item_of_the_list():
    """The same shape, alone."""
    assert json.loads(one(GPT)) == json.loads(listing([GPT], {}))["data"][0]


def test_an_endpoint_without_targets_is_ours():
    """A listing never fails over an endpoint that nothing serves."""
    assert json.loads(one(Endpoint("nothing", ())))["owned_by"] == "headgate"


def test_codex_gets_its_catalogue_beside_the_list():
    """Every field that Codex requires, for the endpoint that takes freeform tools, and for no other."""
    body = json.loads(listing([CLAUDE, GPT, PATTERN], {"client_version": "0.169.0"}))
    assert [item["id"] for item in body["data"]] == ["claude-opus-4-6", "databricks-gpt-5-2"]
    (entry,) = body["models"]
    assert set(entry) == CODEX_FIELDS
    assert entry["slug"] == "databricks-gpt-5-2"
    assert entry["display_name"] == "GPT 5.2"
    assert entry["default_reasoning_level"] in {level["effort"] for level in entry["supported_reasoning_levels"]}


def test_the_catalogue_has_the_names_that_the_list_hides():
    """Codex warns of every name that is missing there."""
    alias = Endpoint("databricks-gpt-5-2", GPT.targets, listed=False)
    own = Endpoint("gpt-5.2", GPT.targets)
    body = json.loads(listing([own, alias], {"client_version": "0.171.0"}))
    assert [item["id"] for item in body["data"]] == ["gpt-5.2"]
    assert [entry["slug"] for entry in body["models"]] == ["gpt-5.2", "databricks-gpt-5-2"]


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        ("gpt-5.2", True), ("gpt-5", True), ("databricks-gpt-5-2", True), ("openai/gpt-6-sol", True), ("gpt-5.1-codex-max", True), ("codex-mini-latest", True),
        ("gpt-4o", False), ("gpt-4.1", False), ("gpt-oss-120b", False), ("gpt-5-chat-latest", False), ("qwen3-coder:30b", False), ("o3", False),
    ],
)  # fmt: skip
def test_only_models_with_freeform_tools_are_in_the_catalogue(model, taken):
    """Told otherwise, Codex would send a tool that the model cannot call."""
    endpoint = Endpoint("e", (target_of(OPENAI, model),))
    assert bool(json.loads(listing([endpoint], {"client_version": "1"}))["models"]) is taken


def test_a_fallback_of_which_nothing_is_known_keeps_an_endpoint_out():
    """All targets must take what the catalogue promises."""
    endpoint = Endpoint("e", (target_of(OPENAI, "gpt-5.2"), target_of(ANTHROPIC, "claude-opus-4-6")))
    assert json.loads(listing([endpoint], {"client_version": "1"}))["models"] == []


@pytest.mark.parametrize(
    ("targets", "window", "efforts", "verbosity"),
    [
        ((target_of(ANTHROPIC, "claude-opus-4-6"),), 1_000_000, ["low", "medium", "high"], None),
        ((target_of(OPENAI, "gpt-5.2"), target_of(ANTHROPIC, "claude-opus-4-6")), 272_000, ["low", "medium", "high"], None),
        ((target_of(ANTHROPIC, "claude-3-haiku-20240307"),), 200_000, [], None),
        ((target_of(OPENAI, "gpt-5.2"),), 272_000, ["low", "medium", "high"], "low"),
    ],
    ids=["another maker's", "both", "one that does not think", "OpenAI's"],
)
def test_models_of_other_dialects_are_described_as_their_profiles_say(targets, window, efforts, verbosity):
    """Codex may send each its freeform tools, which are translated; and it sends only efforts that the model takes."""
    (entry,) = json.loads(listing([Endpoint("e", targets)], {"client_version": "1"}, ModelProfiles(installed()).of))["models"]
    assert set(entry) == CODEX_FIELDS
    assert (entry["context_window"], entry["default_verbosity"], entry["apply_patch_tool_type"]) == (window, verbosity, "freeform")
    assert [level["effort"] for level in entry["supported_reasoning_levels"]] == efforts
    assert entry["default_reasoning_level"] == ("medium" if efforts else None)
    assert entry["supports_reasoning_summaries"] == bool(efforts)
