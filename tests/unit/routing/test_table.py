"""From a model name to the endpoint that answers to it."""

from itertools import starmap

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.routing.table import EndpointTable

ANTHROPIC = Provider(name="anthropic", dialect="anthropic", base_url="https://api.anthropic.com")
OPENAI = Provider(name="openai", dialect="openai", base_url="https://api.openai.com/v1")
GEMINI = Provider(name="gemini", dialect="gemini", base_url="https://generativelanguage.googleapis.com")
LAB = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9000")
OLLAMA = Provider(name="ollama", dialect="openai", base_url="http://127.0.0.1:11434/v1", models=("llama3.2:latest", "gpt-oss:20b"))
DATABRICKS = Provider(name="databricks-anthropic", dialect="anthropic", base_url="https://adb-1.azuredatabricks.net/ai-gateway/anthropic")
DATABRICKS_OPENAI = Provider(name="databricks-openai", dialect="openai", base_url="https://adb-1.azuredatabricks.net/ai-gateway/openai/v1")


def written(name: str, provider: Provider, model: str) -> Endpoint:
    return Endpoint(name=name, targets=(target_of(provider, model),))


def asked(table: EndpointTable, model: str, client: str) -> tuple[str, str, str] | None:
    endpoint = table.resolve(model, client)
    return None if endpoint is None else (endpoint.name, endpoint.targets[0].provider.name, endpoint.targets[0].model)


def pattern(name: str, *targets: tuple[Provider, str]) -> Endpoint:
    return Endpoint(name=name, targets=tuple(starmap(target_of, targets)), display_name="Any")


VENDORS = EndpointTable([ANTHROPIC, OPENAI, GEMINI])


@pytest.mark.parametrize(
    ("model", "client", "expected"),
    [
        ("claude-opus-4-6", "anthropic", ("claude-opus-4-6", "anthropic", "claude-opus-4-6")),
        ("gpt-5.2-codex", "openai_responses", ("gpt-5.2-codex", "openai", "gpt-5.2-codex")),
        ("gpt-5.2", "openai_chat", ("gpt-5.2", "openai", "gpt-5.2")),
        ("gemini-2.5-pro", "gemini", ("gemini-2.5-pro", "gemini", "gemini-2.5-pro")),
        # the integration page's names
        ("databricks-claude-opus-4-6", "anthropic", ("claude-opus-4-6", "anthropic", "claude-opus-4-6")),
        ("databricks-gpt-5-2", "openai_responses", ("gpt-5.2", "openai", "gpt-5.2")),
        ("databricks-gpt-5-1-codex-max", "openai_chat", ("gpt-5.1-codex-max", "openai", "gpt-5.1-codex-max")),
        ("databricks-gpt-5-mini", "openai_chat", ("gpt-5-mini", "openai", "gpt-5-mini")),
        ("databricks-gemini-2-5-flash", "gemini", ("gemini-2.5-flash", "gemini", "gemini-2.5-flash")),
        ("databricks-gemini-3-pro", "gemini", ("gemini-3-pro-preview", "gemini", "gemini-3-pro-preview")),
        ("databricks-claude-sonnet-4", "anthropic", ("claude-sonnet-4-0", "anthropic", "claude-sonnet-4-0")),
        # names nobody configured
        ("claude-haiku-4-5-20251001", "anthropic", ("claude-haiku-4-5-20251001", "anthropic", "claude-haiku-4-5-20251001")),
        ("gemini-3.1-pro-preview-customtools", "gemini", ("gemini-3.1-pro-preview-customtools", "gemini", "gemini-3.1-pro-preview-customtools")),
        ("codex-mini-latest", "openai_responses", ("codex-mini-latest", "openai", "codex-mini-latest")),
        ("o9-preview", "openai_chat", ("o9-preview", "openai", "o9-preview")),
        ("databricks-claude-haiku-9", "anthropic", ("claude-haiku-9", "anthropic", "claude-haiku-9")),
        # Claude Code's long-context suffix
        ("claude-opus-4-6[1m]", "anthropic", ("claude-opus-4-6", "anthropic", "claude-opus-4-6")),
        # another dialect's model comes back, so that the refusal can say why
        ("gpt-5.2", "anthropic", ("gpt-5.2", "openai", "gpt-5.2")),
    ],
)  # fmt: skip
def test_resolve(model, client, expected):
    """Native names, page names and patterns lead to the vendor that serves them."""
    assert asked(VENDORS, model, client) == expected


@pytest.mark.parametrize(
    "model",
    ["", " claude-opus-4-6", "claude-opus-4-6 ", "Claude-Opus-4-6", "CLAUDE-OPUS-4-6", "claude-opus-4-6\x00", "claude-opus-4‑6",
     "claude-", "gpt-5*", "*", "../claude-opus-4-6", "claude-../../admin", "claude-a/b", "anthropic/claude-opus-4-6", "opus", "oops",
     "gemini-x:generateContent?key=1", "a" * 200, "[1m]", "databricks-", "databricks-databricks-claude-opus-4-6"],
)  # fmt: skip
def test_no_such_name(model):
    """Only the exact bytes of a name resolve; nothing is folded, trimmed or climbed."""
    assert VENDORS.resolve(model, "anthropic") is None


def test_written_endpoint_first():
    """A written endpoint wins over a native name, for every dialect."""
    table = EndpointTable([OPENAI, LAB], [written("gpt-5.2", LAB, "claude-opus-4-6")])
    assert asked(table, "gpt-5.2", "openai_chat") == ("gpt-5.2", "lab", "claude-opus-4-6")
    assert asked(table, "gpt-5.2", "anthropic") == ("gpt-5.2", "lab", "claude-opus-4-6")
    assert asked(table, "databricks-gpt-5-2", "openai_chat") == ("gpt-5.2", "lab", "claude-opus-4-6")
    assert "gpt-5.2" not in [endpoint.name for endpoint in table.spoken("openai_chat")]


def test_a_name_is_known_by_an_endpoint_or_a_provider_of_its_own():
    """Also by its other spelling; what only a pattern takes is not known."""
    table = EndpointTable([ANTHROPIC, OLLAMA], [written("team", LAB, "a"), pattern("lab-*", (LAB, ""))])
    known = ["team", "gpt-oss:20b", "claude-opus-4-6", "databricks-claude-opus-4-6"]
    assert [name for name in (*known, "lab-a", "claude-opus-4-6-thinking-high", "unheard") if table.has(name, "openai_chat")] == known


def test_the_only_provider_is_behind_endpoints():
    """A provider known only through written endpoints also gets the names of its dialect that nobody configured."""
    table = EndpointTable([LAB], [written("databricks-claude-opus-4-6", LAB, "claude-opus-4-6")])
    assert asked(table, "databricks-claude-opus-4-6", "anthropic") == ("databricks-claude-opus-4-6", "lab", "claude-opus-4-6")
    assert asked(table, "claude-haiku-4-5-20251001", "anthropic") == ("claude-haiku-4-5-20251001", "lab", "claude-haiku-4-5-20251001")
    assert table.resolve("gpt-5.2", "openai_chat") is None
    assert [endpoint.name for endpoint in table.listing("anthropic")] == ["databricks-claude-opus-4-6"]


def test_an_endpoint_of_the_same_name_as_its_alias_does_not_loop():
    """An alias is looked up once, whatever it leads to."""
    table = EndpointTable([LAB], [written("databricks-claude-x", LAB, "databricks-claude-x")])
    assert asked(table, "databricks-claude-x", "anthropic") == ("databricks-claude-x", "lab", "databricks-claude-x")


def test_a_list_of_models_closes_a_provider():
    """A provider with a list of models gets no other name; one with a pattern in its list gets what matches."""
    table = EndpointTable([OLLAMA])
    assert asked(table, "gpt-oss:20b", "openai_chat") == ("gpt-oss:20b", "ollama", "gpt-oss:20b")
    assert table.resolve("gpt-5.2", "openai_chat") is None
    open_lab = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9000", models=("claude-a", "claude-haiku-*"))
    table = EndpointTable([open_lab])
    assert asked(table, "claude-haiku-9", "anthropic") == ("claude-haiku-9", "lab", "claude-haiku-9")
    assert table.resolve("claude-opus-9", "anthropic") is None
    assert [endpoint.name for endpoint in table.listing("anthropic")] == ["claude-a"]


def test_the_vendor_comes_before_other_addresses_of_its_dialect():
    """A name nobody configured goes to the vendor's own account, if there is one."""
    proxy = Provider(name="proxy", dialect="openai", base_url="http://127.0.0.1:9000/v1")
    assert asked(EndpointTable([proxy, OPENAI]), "gpt-99", "openai_chat") == ("gpt-99", "openai", "gpt-99")
    assert asked(EndpointTable([proxy]), "gpt-99", "openai_chat") == ("gpt-99", "proxy", "gpt-99")


@pytest.mark.parametrize("model", ["claude-opus-4-6", "claude-new-9", "databricks-claude-opus-4-6"])
def test_a_name_without_an_endpoint_goes_to_either_payers_provider(model):
    """The first provider with a key, and the first that each client's own account pays; a second one of the same kind is not tried."""
    first, second = (Provider(name=name, dialect="anthropic", base_url="https://api.anthropic.com", auth="client") for name in ("max", "team"))
    for providers, names in (
        ([first, ANTHROPIC, second, LAB], ["max", "anthropic"]),
        ([ANTHROPIC, LAB, first], ["anthropic", "max"]),
        ([first, second], ["max"]),
    ):
        endpoint = EndpointTable(providers).resolve(model, "anthropic")
        assert [target.provider.name for target in endpoint.targets] == names
        assert {target.dialect for target in endpoint.targets} == {"anthropic"}


def test_databricks():
    """At Databricks a model has its prefixed name; a native one, dated or not, is brought to it."""
    table = EndpointTable([DATABRICKS, DATABRICKS_OPENAI])
    known = ("databricks-claude-haiku-4-5", "databricks-anthropic", "databricks-claude-haiku-4-5")
    assert asked(table, "databricks-claude-haiku-4-5", "anthropic") == known
    assert asked(table, "claude-haiku-4-5", "anthropic") == known
    assert asked(table, "claude-haiku-4-5-20251001", "anthropic") == known
    assert asked(table, "databricks-claude-new-9", "anthropic") == ("databricks-claude-new-9", "databricks-anthropic", "databricks-claude-new-9")
    assert asked(table, "databricks-kimi-k3", "anthropic") == ("databricks-kimi-k3", "databricks-openai", "databricks-kimi-k3")
    assert table.resolve("databricks-../x", "anthropic") is None


def test_databricks_beside_the_vendor():
    """Each name goes to the account it is a name of."""
    table = EndpointTable([ANTHROPIC, DATABRICKS])
    assert asked(table, "databricks-claude-opus-4-6", "anthropic") == (
        "databricks-claude-opus-4-6", "databricks-anthropic", "databricks-claude-opus-4-6",
    )  # fmt: skip
    assert asked(table, "claude-opus-4-6", "anthropic") == ("claude-opus-4-6", "anthropic", "claude-opus-4-6")
    assert asked(table, "claude-haiku-4-5-20251001", "anthropic") == (
        "claude-haiku-4-5-20251001", "anthropic", "claude-haiku-4-5-20251001",
    )  # fmt: skip
    assert asked(table, "databricks-claude-new-9", "anthropic") == ("databricks-claude-new-9", "databricks-anthropic", "databricks-claude-new-9")


def test_a_name_that_was_meant_is_near_and_allowed():
    """The similar one that the token may use, else the first of its listing; nothing where it may use none."""
    table = EndpointTable([ANTHROPIC], [written("house-model", ANTHROPIC, "x")])

    assert table.near("claude-opus-46", "anthropic") == "claude-opus-4-6"
    assert table.near("claude-opus-46", "anthropic", lambda name: name.startswith("house-")) == "house-model"
    assert table.near("zzz", "anthropic") == "house-model"
    assert not table.near("zzz", "anthropic", lambda _: False)
    assert not table.near("zzz", "unknown")


def test_few_of_many_names_are_looked_at_for_the_one_that_was_meant():
    """Five thousand endpoints, none of which the token may use."""
    table = EndpointTable([], [written(f"house-{number}", ANTHROPIC, "x") for number in range(5_000)])
    looked_at = []

    assert not table.near("house-2500x", "anthropic", lambda name: bool(looked_at.append(name)))
    assert 0 < len(looked_at) <= 1_100


def test_listing():
    """A listing holds what the token allows: first what is spoken in the dialect, written endpoints before others; then what is translated for it."""
    table = EndpointTable([ANTHROPIC, OPENAI], [written("house-model", LAB, "x"), written("other-model", OPENAI, "y")])
    names = [endpoint.name for endpoint in table.listing("anthropic")]
    assert names[0] == "house-model"
    assert "claude-opus-4-6" in names
    spoken = [endpoint.name for endpoint in table.spoken("anthropic")]
    assert not {"other-model", "gpt-5.2"} & set(spoken)
    assert names[: len(spoken)] == spoken
    assert {"other-model", "gpt-5.2"} <= set(names[len(spoken) :])
    assert {target.dialect for endpoint in table.listing("anthropic") if endpoint.name == "gpt-5.2" for target in endpoint.targets} == {
        "openai_responses"
    }
    assert [endpoint.name for endpoint in table.listing("anthropic", lambda name: name in {"house-model", "claude-opus-4-6"})] == [
        "house-model",
        "claude-opus-4-6",
    ]
    assert table.listing("anthropic", lambda _: False) == []
    in_chat, in_responses = (table.listing(dialect) for dialect in ("openai_chat", "openai_responses"))
    assert {endpoint.name for endpoint in in_chat} == {endpoint.name for endpoint in in_responses} == set(names)
    assert table.listing("unknown") == []
    assert [endpoint.name for endpoint in table.written] == ["house-model", "other-model"]


def dialects(table: EndpointTable, model: str, dialect: str) -> list[str]:
    endpoint = table.resolve(model, dialect)
    return [] if endpoint is None else [target.dialect for target in endpoint.targets]


def test_a_target_says_in_which_dialect_it_is_asked():
    """In the request's own where the provider speaks it; else in the one to translate to, written or not."""
    table = EndpointTable([ANTHROPIC, OPENAI, OLLAMA], [written("house", OLLAMA, "gpt-oss:20b")])
    for name in ("gpt-5.2", "gpt-99", "databricks-gpt-5-2", "house", "gpt-oss:20b"):
        assert dialects(table, name, "openai_chat") == ["openai_chat"]
        assert dialects(table, name, "openai_responses") == ["openai_responses"]
    assert [dialects(table, name, "anthropic") for name in ("gpt-99", "house", "claude-opus-4-6")] == [
        ["openai_responses"],
        ["openai_chat"],
        ["anthropic"],
    ]
    for dialect in ("openai_chat", "openai_responses"):
        assert {target.dialect for endpoint in table.spoken(dialect) for target in endpoint.targets} == {dialect}


def test_a_provider_of_one_of_openais_formats():
    """It has OpenAI's names in its own format; asked in the other, the endpoint comes back in its own, so that the refusal can say why."""
    chat = Provider(name="chat", dialect="openai_chat", base_url="https://api.openai.com/v1")
    table = EndpointTable([chat], [written("house", chat, "m")])
    for name in ("gpt-5.2", "gpt-99", "house"):
        assert (dialects(table, name, "openai_chat"), dialects(table, name, "openai_responses")) == (["openai_chat"], ["openai_chat"])
    assert "gpt-5.2" in [endpoint.name for endpoint in table.listing("openai_chat")]
    assert table.spoken("openai_responses") == []


def test_everything_names_each_endpoint_of_a_provider_once():
    """However many dialects the provider speaks."""
    table = EndpointTable([OLLAMA], [written("house", OPENAI, "y")])
    assert [endpoint.name for endpoint in table.everything()] == ["house", "llama3.2:latest", "gpt-oss:20b"]


def test_what_was_found_before_is_bounded_and_never_emptied_in_place():
    """More names than are remembered resolve as the first did, and a thread that reads what was remembered keeps it whole."""
    table = EndpointTable([OPENAI])
    first = table.resolve("gpt-5.2", "openai_chat")
    held, before = table._resolved, dict(table._resolved)
    for number in range(9000):
        assert table.resolve(f"gpt-{number}", "openai_chat").name == f"gpt-{number}"
    assert len(table._resolved) <= 8192
    assert before.items() <= held.items()
    assert table.resolve("gpt-5.2", "openai_chat") == first


CLAUDES = EndpointTable(
    [ANTHROPIC, OPENAI, LAB],
    [
        pattern("*", (LAB, "m")),
        pattern("claude-*", (LAB, "")),
        pattern("claude-opus-*", (LAB, ""), (ANTHROPIC, "claude-opus-4-5")),
        written("claude-opus-4-6", ANTHROPIC, "claude-opus-4-6"),
    ],
)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-opus-4-6", ("claude-opus-4-6", "anthropic", "claude-opus-4-6")),  # an exact name first
        ("claude-opus-9", ("claude-opus-9", "lab", "claude-opus-9")),
        ("claude-haiku-4-5[1m]", ("claude-haiku-4-5", "lab", "claude-haiku-4-5")),
        ("databricks-claude-opus-4-6", ("databricks-claude-opus-4-6", "lab", "m")),  # the shorter pattern matches the name itself
        ("anything", ("anything", "lab", "m")),
        ("any..thing", None),
    ],
)
def test_a_written_pattern_answers_for_names_without_an_endpoint(model, expected):
    """The longest one wins; a target without a model is asked for the name that was asked for."""
    assert asked(CLAUDES, model, "anthropic") == expected


def test_every_target_of_a_pattern_gets_the_name():
    """In the order in which they are written."""
    endpoint = CLAUDES.resolve("claude-opus-9", "anthropic")
    assert endpoint is not None
    assert [target.model for target in endpoint.targets] == ["claude-opus-9", "claude-opus-4-5"]


def test_no_spelling_leads_around_a_written_pattern():
    """A `databricks-…` name of a model that it covers is the pattern's too, and so is a native name of a `databricks-…` pattern."""
    table = EndpointTable([ANTHROPIC, LAB], [pattern("claude-*", (LAB, ""))])
    assert asked(table, "databricks-claude-opus-4-6", "anthropic") == ("claude-opus-4-6", "lab", "claude-opus-4-6")
    alone = EndpointTable([LAB], [pattern("claude-*", (LAB, ""))])
    assert asked(alone, "databricks-claude-haiku-9", "anthropic") == ("claude-haiku-9", "lab", "claude-haiku-9")
    databricks = EndpointTable([DATABRICKS, LAB], [pattern("databricks-claude-*", (LAB, ""))])
    assert asked(databricks, "claude-opus-4-6", "anthropic") == ("databricks-claude-opus-4-6", "lab", "databricks-claude-opus-4-6")


def test_listings_show_the_names_that_a_pattern_covers_and_not_the_pattern():
    """No client can ask for a name with a star; what a provider is known to serve is listed in the dialects of the pattern's targets."""
    table = EndpointTable([ANTHROPIC, OPENAI], [pattern("gpt-*", (ANTHROPIC, "claude-opus-4-6"))])
    assert "gpt-5.2" not in [endpoint.name for endpoint in table.listing("openai_chat")]
    mine = EndpointTable([ANTHROPIC, LAB], [pattern("claude-*", (LAB, ""))])
    listed = {endpoint.name: endpoint.targets[0].provider.name for endpoint in mine.listing("anthropic")}
    assert listed["claude-opus-4-6"] == "lab"
    assert "claude-*" not in listed
    assert [endpoint.name for endpoint in mine.everything()] == ["claude-*"]
    assert [endpoint.name for endpoint in mine.written] == ["claude-*"]


def test_a_providers_own_pattern_takes_any_name_that_matches():
    """Also one that no vendor has; a vendor's account is not asked for it."""
    own = Provider(name="own", dialect="openai", base_url="http://127.0.0.1:8000/v1", models=("qwen*",))
    table = EndpointTable([OPENAI, own])
    assert asked(table, "qwen3-coder", "openai_chat") == ("qwen3-coder", "own", "qwen3-coder")
    assert asked(table, "qwen3-coder", "anthropic") == ("qwen3-coder", "own", "qwen3-coder")
    assert asked(table, "gpt-5.2-new", "openai_chat") == ("gpt-5.2-new", "openai", "gpt-5.2-new")
    assert table.resolve("mistral-7", "openai_chat") is None
    assert [provider.name for provider in table.open_providers("openai_chat")] == ["openai", "own"]


def test_aliases_are_the_same_endpoints_by_their_other_names():
    """Unlisted, for the listing of an agent that wants each name that it may ask for."""
    table = EndpointTable([OPENAI], [written("house", OPENAI, "gpt-5.2")])
    listed = [endpoint for endpoint in table.listing("openai_chat") if endpoint.name in {"house", "gpt-5.2"}]
    found = table.aliases(listed)

    assert [(endpoint.name, endpoint.listed, endpoint.targets[0].model) for endpoint in found] == [
        ("databricks-house", False, "gpt-5.2"),
        ("databricks-gpt-5-2", False, "gpt-5.2"),
    ]


def test_the_names_of_an_endpoint():
    """The native and the `databricks-` name of a model are names of one endpoint, unless each has its own."""
    lab = Provider(name="lab", dialect="anthropic", base_url="http://lab:1", models=("claude-opus-4-6", "claude-haiku-4-5"))
    table = EndpointTable(
        [lab],
        [
            Endpoint(name="databricks-claude-haiku-4-5", targets=(target_of(lab, "claude-opus-4-6"),)),
            Endpoint(name="house", targets=(target_of(lab, "claude-opus-4-6"),)),
        ],
    )
    assert table.names_of("claude-opus-4-6") == ("claude-opus-4-6", "databricks-claude-opus-4-6")
    assert table.names_of("claude-haiku-4-5") == ("claude-haiku-4-5",)
    assert table.names_of("databricks-claude-haiku-4-5") == ("databricks-claude-haiku-4-5",)
    assert table.names_of("house") == ("house", "databricks-house")


def test_the_names_of_a_thousand_endpoints_are_looked_up_once() -> None:
    """In each dialect: a look-up that goes through the patterns costs many times what an exchange may."""
    table = EndpointTable([LAB], [pattern("team-*", (LAB, "m"))])
    asked_for = [(f"team-{number}", dialect) for dialect in ("anthropic", "openai_chat", "openai_responses", "gemini") for number in range(1000)]
    first = list(starmap(table.resolve, asked_for))

    assert all(table.resolve(name, dialect) is endpoint for (name, dialect), endpoint in zip(asked_for, first, strict=True))
