"""What of LiteLLM's configuration becomes what of ours."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.config.litellm import _percents as percents
from headgate.config.litellm import convert


def model(name, served, **more):
    """A deployment."""
    return {"model_name": name, "litellm_params": {"model": served, "api_key": "os.environ/K", **more}}


def test_deployments_of_a_name_share_its_traffic():
    """By their weights, which are equal where none is stated."""
    converted = convert({"model_list": [model("fast", "openai/a", weight=3), model("fast", "groq/b"), model("one", "openai/c")]})
    assert converted.sections["endpoints"] == [
        {
            "name": "fast",
            "targets": [
                {"provider": "openai", "model": "a", "traffic_percent": 75},
                {"provider": "groq", "model": "b", "traffic_percent": 25},
            ],
        },
        {"name": "one", "targets": [{"provider": "openai", "model": "c"}]},
    ]
    assert converted.notes == []


@given(st.lists(st.floats(min_value=0.001, max_value=1000), min_size=1, max_size=10))
def test_percentages_are_whole_and_100_together(weights):
    """Every target gets at least one percent."""
    found = list(percents(weights))
    assert sum(found) == 100
    assert min(found) >= 1
    assert len(found) == len(weights)


def test_limits_of_all_deployments_are_the_endpoint_s():
    """Added up; where one has none, there is none."""
    converted = convert({
        "model_list": [model("a", "openai/a", rpm=10, tpm=500), model("a", "groq/a", rpm=5), model("b", "openai/b", max_parallel_requests=2)]
    })
    assert converted.sections["limits"] == [
        {"endpoint": "a", "key": "endpoint", "per": "minute", "requests": 15},
        {"endpoint": "b", "key": "endpoint", "per": "minute", "concurrent": 2},
    ]
    assert converted.notes == ["model_list: tpm of a is not stated for every deployment, so the endpoint gets no limit of it"]


def test_fallbacks_and_aliases():
    """A fallback is the first target of the other model; an alias is the endpoint under another name."""
    converted = convert({
        "model_list": [model("a", "openai/a"), model("b", "groq/b"), model("c", "xai/c")],
        "litellm_settings": {"fallbacks": [{"a": ["b", "gone"]}], "default_fallbacks": ["c"]},
        "router_settings": {"model_group_alias": {"best": "a", "hidden": {"model": "b", "hidden": True}, "bad": "gone"}},
    })
    b, c = {"provider": "groq", "model": "b"}, {"provider": "xai", "model": "c"}
    endpoints = {entry["name"]: entry for entry in converted.sections["endpoints"]}
    assert [endpoints[name].get("fallbacks") for name in ("a", "b", "c", "best", "hidden")] == [[b], [c], None, [b], [c]]
    assert converted.notes == [
        "fallbacks: gone of a is no model that was converted",
        "router_settings.model_group_alias: bad means gone, which is no model that was converted",
    ]


def test_prices_per_token_are_per_million():
    """Of the deployment or of its model_info."""
    converted = convert({"model_list": [model("a", "openai/a", input_cost_per_token=2.5e-07) | {"model_info": {"output_cost_per_token": 2e-06}}]})
    assert converted.sections["prices"] == [{"provider": "openai", "model": "a", "input_mtok": 0.25, "output_mtok": 2.0}]


def test_budgets():
    """Of everything, and of each user; a period that the calendar does not have is noted."""
    converted = convert(
        {
            "litellm_settings": {
                "max_budget": 100, "budget_duration": "30d", "max_internal_user_budget": 5, "internal_user_budget_duration": "3h", "drop_params": True,
            },
            "general_settings": {"master_key": "sk-1234", "global_max_parallel_requests": 9, "alerting": ["slack"]},
        }
    )  # fmt: skip
    block = [{"percent": 100, "do": "block"}]
    assert converted.sections == {
        "limits": [{"endpoint": "*", "key": "endpoint", "concurrent": 9}],
        "budgets": [{"name": "all requests, month", "per": "month", "usd": 100.0, "actions": block}],
    }
    assert [note.partition(":")[0] for note in converted.notes] == [
        "litellm_settings.max_internal_user_budget", "general_settings.master_key", "litellm_settings.drop_params", "general_settings.alerting",
    ]  # fmt: skip
    assert "sk-1234" not in str(converted)


def test_keys_become_what_their_users_may_do():
    """Limits, a budget, models and a team; the key itself is not taken over."""
    keys = [
        {
            "token": "88dc", "key_name": "sk-...abcd", "key_alias": "laptop", "user_id": "ada@example.com", "team_alias": "search", "models": ["a", "z"],
            "max_budget": 5, "budget_duration": "1d", "rpm_limit": 10, "tpm_limit": 1000, "model_max_budget": {"a": 1},
        },
        {"key_alias": "old", "user_id": "ben", "blocked": True},
        {"token": "99"},
    ]  # fmt: skip
    converted = convert({"model_list": [model("a", "openai/a")]}, keys)
    assert converted.sections["groups"] == [{"name": "search", "members": ["ada@example.com"]}]
    assert converted.sections["grants"] == [{"principal": "ada@example.com", "endpoint": "a", "permission": "CAN_QUERY"}]
    assert converted.sections["limits"] == [
        {"endpoint": "*", "key": "user", "principal": "ada@example.com", "per": "minute", "requests": 10, "tokens": 1000}
    ]
    assert converted.sections["budgets"] == [
        {"name": "ada@example.com, day", "user": "ada@example.com", "per": "day", "usd": 5.0, "actions": [{"percent": 100, "do": "block"}]}
    ]
    assert [note.partition(":")[0] for note in converted.notes] == ["keys[0]", "keys[0].models", "keys[0].model_max_budget", "keys[1]", "keys[2]"]
    assert "headgate token create 'laptop' --user 'ada@example.com'" in converted.notes[0]


def test_two_keys_of_one_user():
    """The first one's limits and budget are used; models of both are allowed once."""
    key = {"user_id": "ada", "models": ["a"], "rpm_limit": 5, "max_budget": 1, "budget_duration": "7d"}
    converted = convert({"model_list": [model("a", "openai/a")]}, [key, key | {"rpm_limit": 9}])
    assert len(converted.sections["grants"]) == 1
    assert [limit["requests"] for limit in converted.sections["limits"]] == [5]
    assert len(converted.sections["budgets"]) == 1
    assert converted.notes[2] == "keys[1]: ada has another key already, whose limits and budget are used for both"


def test_names_for_every_model():
    """Declare the provider; its names are served as they are."""
    converted = convert({"model_list": [model("anthropic/*", "anthropic/*")]})
    assert list(converted.sections) == ["providers"]
    assert "without a prefix" in converted.notes[0]


def test_everything_else_is_listed():
    """By its key."""
    converted = convert({
        "model_list": [model("a", "openai/a", timeout=5)],
        "mcp_servers": {},
        "router_settings": {"routing_strategy": "least-busy", "x": 1},
    })
    assert converted.notes == [
        "model_list[0].litellm_params.timeout: not converted",
        "router_settings.x: not converted",
        "mcp_servers: not converted",
        "router_settings.routing_strategy: least-busy is not converted; the targets share the traffic by their percentages",
    ]
