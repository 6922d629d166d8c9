"""What the page of providers shows of each."""

import pytest

from headgate.config.load import Configuration, WrittenFile, load
from headgate.core.endpoint import CLIENT_AUTH, Endpoint, Provider, target_of
from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.exchange.circuits import CircuitState
from headgate.metering.price import Rates
from headgate.web.ui.provider_facts import ModelFacts, ProviderFacts, Tries, key_source, model_facts, models_of, sales_of

_KEY = Secret("sk-canary")
_FILE = """\
[discovery]
environment = false
ollama = false
[[providers]]
name = "lab"
dialect = "anthropic"
base_url = "http://127.0.0.1:9"
api_key = "env:LAB_KEY"
"""


def configuration() -> Configuration:
    """A file with one provider."""
    return load("", {"LAB_KEY": "sk-canary"}, accepted=WrittenFile("headgate.toml", _FILE))


def provider(name: str, **fields: object) -> Provider:
    """A provider of this name."""
    return Provider(name=name, dialect="anthropic", base_url="http://127.0.0.1:9", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "source"),
    [
        (provider("lab", api_key=_KEY), "environment variable LAB_KEY"),
        (provider("anthropic", api_key=_KEY, origin="ANTHROPIC_API_KEY"), "environment variable ANTHROPIC_API_KEY"),
        (provider("databricks-anthropic", api_key=_KEY, origin="DATABRICKS_HOST"), "environment variable DATABRICKS_TOKEN"),
        (provider("ollama"), "none"),
        (provider("own", auth=CLIENT_AUTH), "none: each user's own sign-in or key is sent"),
        (provider("azure", login=PlatformLogin("oauth")), "a token that client_id and client_secret are given for a while"),
        (provider("bedrock", login=PlatformLogin("aws")), "AWS keys of the environment, a profile or the machine"),
        (provider("vertex", login=PlatformLogin("google")), "a token that Google's credentials are given for a while"),
    ],
)
def test_where_a_key_comes_from(one: Provider, source: str) -> None:
    """A variable or a file by name, never what is in it."""
    assert key_source(one, configuration()) == source


def test_models_and_the_endpoints_that_ask_for_them() -> None:
    """Of targets and fallbacks of every endpoint, and those that the provider is configured with; patterns are no models."""
    lab, other = provider("lab", models=("a", "b", "c-*")), provider("other")
    endpoints = [
        Endpoint(name="house", targets=(target_of(lab, "a"), target_of(other, "z"))),
        Endpoint(name="spare", targets=(target_of(other, "z"),), fallbacks=(target_of(lab, "a"), target_of(lab, ""))),
    ]
    assert models_of(lab, endpoints) == {"a": ("house", "spare"), "b": ()}


def test_the_models_that_are_asked_for_come_first() -> None:
    """With their counts, their circuits and their prices, where there are any."""
    lab = provider("lab")
    rates = Rates(1.0, None, None, None, 2.0, "anthropic", "a", "genai-prices 1")
    tries = {"lab/b": Tries(7, 2, "2026-11-30T08:00:00Z", "2026-11-30T09:00:00Z", "503"), "other/a": Tries(100)}
    (sale,) = sales_of(lab, ["a"])
    found = model_facts(lab, {"a": ("house",), "b": ()}, lambda _: CircuitState(1, 3.0), tries, {sale: rates})
    assert [(model.name, model.tries.tries, model.rates) for model in found] == [("b", 7, None), ("a", 0, rates)]
    facts = ProviderFacts(provider=lab, place="", key="none", key_refused=False, models=found)
    assert (facts.tries, facts.errors, facts.good_at, facts.passed_over, facts.sources) == (7, 2, "2026-11-30T08:00:00Z", True, ("genai-prices 1",))
    assert facts.bad is not None
    assert facts.bad.bad_code == "503"


def test_a_provider_of_which_nothing_is_known() -> None:
    """It has neither counts nor a last failure."""
    facts = ProviderFacts(provider=provider("lab"), place="", key="none", key_refused=False, models=(ModelFacts("a", (), CircuitState(), Tries()),))
    assert (facts.tries, facts.bad, facts.good_at, facts.passed_over, facts.sources) == (0, None, "", False, ())
