"""Platforms and sign-ins of providers, as the file says them."""

import importlib.util
from pathlib import Path

import msgspec
import pytest

from headgate.config.compile import compile_providers
from headgate.config.problems import Problems
from headgate.config.schema import Settings

BEDROCK = {"name": "b", "dialect": "anthropic", "platform": "bedrock", "region": "eu-central-1"}
VERTEX = {"name": "v", "dialect": "gemini", "platform": "vertex", "region": "europe-west1", "project": "acme"}
AZURE = {"name": "a", "dialect": "openai", "platform": "azure", "base_url": "https://acme.openai.azure.com/openai/v1"}
BRICKS = {"name": "d", "dialect": "openai", "platform": "databricks", "base_url": "https://dbc-1.cloud.databricks.com/serving-endpoints"}
CLIENT = {"client_id": "app", "client_secret": "env:SECRET"}
ENVIRON = {"KEY": "sk-1", "SECRET": "s3", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "shh"}


def compiled(entry, environ=None, folder="/nowhere"):
    problems = Problems("", {})
    settings = msgspec.convert({"providers": [entry]}, Settings)
    providers = compile_providers(settings, ENVIRON if environ is None else environ, Path(folder) / "headgate.toml", problems)
    return providers, [str(problem).removeprefix("providers[0].") for problem in problems.found]


def one(entry, environ=None):
    (provider,), problems = compiled(entry, environ)
    assert problems == []
    return provider


def test_bedrock_with_keys_of_the_environment():
    """The region names the host; the keys are those of the environment, without a library."""
    provider = one(BEDROCK, ENVIRON | {"AWS_SESSION_TOKEN": "t"})
    assert provider.base_url == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    assert provider.login.identity == ("aws", "AKIDEXAMPLE", "shh", "t", "", "", "", "")
    assert provider.has_credential


def test_bedrock_with_a_profile():
    """A profile has precedence over the environment's keys."""
    assert one(BEDROCK | {"profile": "prod"}).login.identity == ("aws", "", "", "", "", "", "prod", "")


def test_bedrock_with_a_key():
    """A key of Bedrock's is a bearer token, and signs nothing."""
    provider = one(BEDROCK | {"api_key": "env:KEY"})
    assert (provider.auth, provider.login, provider.api_key.reveal()) == ("bearer", None, "sk-1")


@pytest.mark.parametrize(
    ("region", "host"),
    [("europe-west1", "europe-west1-aiplatform.googleapis.com"), ("global", "aiplatform.googleapis.com"), ("eu", "aiplatform.eu.rep.googleapis.com")],
)
def test_vertex(region, host):
    """The location names the host."""
    provider = one(VERTEX | {"region": region}, {"GOOGLE_APPLICATION_CREDENTIALS": "/keys/sa.json"})
    assert provider.base_url == f"https://{host}"
    assert provider.platform.project == "acme"
    assert provider.login.identity[-1] == "/keys/sa.json"


def test_vertex_with_a_file(tmp_path):
    """A file is relative to the configuration, and must be there."""
    (tmp_path / "sa.json").write_text("{}")
    (provider,), problems = compiled(VERTEX | {"credentials": "file:sa.json"}, folder=tmp_path)
    assert problems == []
    assert provider.login.file == str(tmp_path / "sa.json")
    assert compiled(VERTEX | {"credentials": "file:no.json"}, folder=tmp_path)[1] == [f"credentials: no such file: {tmp_path}/no.json"]


def test_azure():
    """A key goes into the header api-key; Responses is what it is best asked in."""
    provider = one(AZURE | {"api_key": "env:KEY"})
    assert provider.auth == "api-key"
    assert provider.dialects[0] == "openai_responses"


def test_azure_with_entra_id():
    """The tenant names the address of the tokens."""
    login = one(AZURE | CLIENT | {"tenant_id": "t-1"}).login
    assert login.token_url == "https://login.microsoftonline.com/t-1/oauth2/v2.0/token"
    assert (login.client_id, login.secret.reveal(), login.scope) == ("app", "s3", "https://cognitiveservices.azure.com/.default")


def test_claude_in_foundry():
    """Anthropic's API in Azure takes its key in the dialect's own header, and tokens for another scope."""
    foundry = AZURE | {"dialect": "anthropic", "base_url": "https://acme.services.ai.azure.com/anthropic"}
    assert not one(foundry | {"api_key": "env:KEY"}).auth
    assert one(foundry | CLIENT | {"tenant_id": "t"}).login.scope == "https://ai.azure.com/.default"


def test_databricks_with_a_service_principal():
    """The workspace itself gives the tokens; a personal token is a bearer key."""
    login = one(BRICKS | CLIENT).login
    assert (login.token_url, login.scope) == ("https://dbc-1.cloud.databricks.com/oidc/v1/token", "all-apis")
    assert one(BRICKS | {"api_key": "env:KEY"}).auth == "bearer"


def test_tokens_without_a_platform():
    """Any server can be behind an address of tokens."""
    entry = {"name": "x", "dialect": "openai", "base_url": "https://gw.example/v1", "token_url": "https://id.example/token", "scope": "llm"}
    provider = one(entry | CLIENT)
    assert (provider.platform, provider.login.token_url, provider.login.scope) == (None, "https://id.example/token", "llm")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (BEDROCK | {"platform": "bedrok"}, "platform: unknown platform 'bedrok' — did you mean 'bedrock'?"),
        (BEDROCK | {"region": ""}, "region: a provider with platform = 'bedrock' needs its region"),
        (BEDROCK | {"region": "EU central"}, "region: 'EU central' is no region"),
        (BEDROCK | {"dialect": "openai"}, "dialect: a provider with platform = 'bedrock' speaks anthropic"),
        (BEDROCK | {"auth": "client"}, 'auth: "client" sends the credentials of users to their issuers, and no platform is one'),
        (BEDROCK | {"project": "acme"}, 'project: is for a provider with platform = "vertex"'),
        (VERTEX | {"project": ""}, "project: a provider with platform = 'vertex' needs its project"),
        (VERTEX | {"credentials": "sa.json"}, "credentials: say where the credentials are: file:PATH for a file of Google's"),
        (VERTEX | {"api_key": "env:KEY"},
         "api_key: Vertex AI takes no key here: leave it out, and give credentials or a service account of the machine"),
        (AZURE, "api_key: the provider needs an api_key, or a client_id with its client_secret"),
        (AZURE | {"base_url": "", "api_key": "env:KEY"}, "base_url: a provider with platform = 'azure' needs its base_url"),
        (AZURE | CLIENT, "tenant_id: Entra ID needs the tenant's id or domain beside client_id"),
        (AZURE | CLIENT | {"tenant_id": "t", "api_key": "env:KEY"},
         "client_id: a provider has either an api_key, or a client_id with its client_secret"),
        (BRICKS | {"client_id": "app"}, "client_secret: client_id and client_secret belong together"),
        (BRICKS | CLIENT | {"client_secret": "env:NO"}, "client_secret: environment variable NO is not set"),
        (BRICKS | CLIENT | {"token_url": "http://id.example/t"}, "token_url: must begin with https://, for the client's secret is sent there"),
        ({"name": "x", "dialect": "anthropic"} | CLIENT, "token_url: client_id needs the token_url that gives its tokens"),
        ({"name": "x", "dialect": "anthropic", "region": "us"}, 'region: is for a provider with platform = "bedrock" or "vertex"'),
    ],
)  # fmt: skip
def test_problems(entry, problem):
    """What does not fit is reported at its key, and the provider is left out."""
    providers, problems = compiled(entry)
    assert problem in problems
    assert providers == ()


def test_a_missing_extra(monkeypatch):
    """What needs a library that is not installed says which extra has it; keys of the environment and of Bedrock need none."""

    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib.util, "find_spec", missing)
    words = "platform: its credentials need the extra headgate[{0}]; install it, for example: pip install 'headgate[{0}]'"
    assert compiled(BEDROCK, {})[1] == [words.format("bedrock")]
    assert compiled(VERTEX)[1] == [words.format("vertex")]
    assert compiled(BEDROCK)[1] == []
    assert compiled(BEDROCK | {"api_key": "env:KEY"}, {"KEY": "k"})[1] == []
