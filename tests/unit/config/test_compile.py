"""Providers, and the sections that are checked across keys."""

from pathlib import Path

import msgspec
import pytest

from headgate.config.compile import check_server, check_storage, check_telemetry, check_usage, compile_providers, compile_upstream
from headgate.config.problems import Problems
from headgate.config.schema import Settings

FILE = Path("/nowhere/headgate.toml")
LAB = {"name": "lab", "dialect": "anthropic", "base_url": "http://127.0.0.1:9000"}


def compiled(document, environ=None):
    problems = Problems("", {})
    providers = compile_providers(msgspec.convert(document, Settings), environ or {}, FILE, problems)
    return providers, [str(problem) for problem in problems.found]


def test_provider():
    """A written provider is compiled with its secret; without a base URL it is the vendor's own."""
    (lab, openai), problems = compiled(
        {"providers": [LAB | {"api_key": "env:KEY", "models": ["a", "b-*"]}, {"name": "o", "dialect": "openai"}]}, {"KEY": "sk-1"}
    )
    assert problems == []
    assert (lab.name, lab.dialect, lab.base_url, lab.models, lab.origin) == ("lab", "anthropic", LAB["base_url"], ("a", "b-*"), "headgate.toml")
    assert lab.api_key.reveal() == "sk-1"
    assert (openai.base_url, openai.api_key) == ("https://api.openai.com/v1", None)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": ""}, "providers[0].name: a provider needs a name"),
        ({"name": "a b"}, "providers[0].name: 'a b' is no provider name: letters, digits and . _ - only, at most 64"),
        ({"dialect": "antropic"}, "providers[0].dialect: unknown dialect 'antropic' — did you mean 'anthropic'?"),
        ({"dialect": ""}, "providers[0].dialect: a provider needs a dialect: anthropic, openai, openai_chat, openai_responses, gemini"),
        ({"auth": "Bearer"}, "providers[0].auth: unknown word 'Bearer' — did you mean 'bearer'?"),
        ({"models": ["a", "b c"]}, "providers[0].models[1]: 'b c' is no model name: letters, digits and . _ : / @ - only, at most 128"),
        ({"api_key": "env:NO"}, "providers[0].api_key: environment variable NO is not set"),
        ({"base_url": "http://h:9000/v1"}, "providers[0].base_url: the base_url of a provider that speaks anthropic goes without /v1"),
        ({"dialect": "gemini", "base_url": "http://h/v1beta/"},
         "providers[0].base_url: the base_url of a provider that speaks gemini goes without /v1beta"),
        ({"dialect": "openai"}, "providers[0].base_url: an openai base_url ends with its version, as in http://127.0.0.1:9000/v1"),
        ({"dialect": "openai_chat"}, "providers[0].base_url: an openai_chat base_url ends with its version, as in http://127.0.0.1:9000/v1"),
        ({"dialect": "openai-chat"}, "providers[0].dialect: unknown dialect 'openai-chat' — did you mean 'openai_chat'?"),
    ],
)  # fmt: skip
def test_provider_problems(changed, problem):
    """What does not make sense in a provider is told at its key, and such a provider is left out."""
    providers, problems = compiled({"providers": [LAB | changed]})
    assert problems == [problem]
    assert providers == ()


@pytest.mark.parametrize(
    "url",
    ["h:9000", "ftp://h", "file:///etc/passwd", "http://", "http://user:secret@h", "http://h?x=1", "http://h#x", "http://h/?", "http://h:0",
     "http://h:99999", "http://h/a b", "http://h/../x", "http://h/%2e", "http://[::1", "http://h\\@evil", "gopher://h"],
)  # fmt: skip
def test_bad_urls(url):
    """Only plain http(s) URLs are base URLs; a password in one is not repeated."""
    _, problems = compiled({"providers": [LAB | {"base_url": url}]})
    assert len(problems) == 1
    assert "secret" not in problems[0]


def test_the_demo_beside_real_providers():
    """It is asked for in a provider's entry, in that entry's dialect, and has no key."""
    demo = {"name": "demo", "dialect": "gemini", "base_url": "demo:", "models": ["gemini-2.5-flash"]}
    (provider,), problems = compiled({"providers": [demo]})
    assert problems == []
    assert (provider.base_url, provider.is_demo, provider.models) == ("demo:gemini", True, ("gemini-2.5-flash",))

    refused = ["providers[0].base_url: the built-in demo (demo:) needs no key: leave out api_key and auth"]
    assert compiled({"providers": [demo | {"auth": "bearer"}]}) == ((), refused)
    assert len(compiled({"providers": [demo | {"base_url": "demo:anthropic"}]})[1]) == 1


@pytest.mark.parametrize("url", ["http://h", "https://h.example:8443", "http://[::1]:9000", "https://h/ai-gateway/anthropic/", "http://h/v1-x/y"])
def test_good_urls(url):
    """Hosts, ports, IPv6 and paths are fine; a trailing slash is dropped."""
    (provider,), problems = compiled({"providers": [LAB | {"base_url": url}]})
    assert problems == []
    assert provider.base_url == url.rstrip("/")


CLIENT_PAID = {"name": "max", "dialect": "anthropic", "auth": "client"}


def test_users_own_credentials_go_to_their_issuer():
    """The address of the provider that defined the dialect, written or not; ChatGPT's is another one."""
    written = [CLIENT_PAID, CLIENT_PAID | {"name": "b", "base_url": "https://api.anthropic.com/"}]
    chatgpt = {"name": "chatgpt", "dialect": "openai_responses", "auth": "client", "base_url": "https://chatgpt.com/backend-api/codex"}
    providers, problems = compiled({"providers": [*written, chatgpt]})
    assert problems == []
    assert [(each.takes_client_credential, each.api_key) for each in providers] == [(True, None)] * 3


@pytest.mark.parametrize(
    ("changed", "key"),
    [({"base_url": "https://proxy.example"}, "auth"), ({"base_url": "http://api.anthropic.com"}, "auth"),
     ({"base_url": "https://api.anthropic.com:8443"}, "auth"), ({"api_key": "env:KEY"}, "api_key")],
)  # fmt: skip
def test_users_own_credentials_go_nowhere_else(changed, key):
    """Any other address is refused before a request could be sent there, and so is a key that would never be used."""
    providers, problems = compiled({"providers": [CLIENT_PAID | changed]})
    assert providers == ()
    assert {problem.split(":")[0] for problem in problems} == {f"providers[0].{key}"}


def test_duplicate_names():
    """Names are unique among providers."""
    assert compiled({"providers": [LAB, LAB]})[1] == ["providers[1].name: 'lab' is already the name of providers[0]"]


@pytest.mark.parametrize(
    ("upstream", "problem"),
    [
        ({"proxy_url": "socks5://p"}, "upstream.proxy_url: must begin with http:// or https:// and a host"),
        ({"proxy_url": "https://p"}, "upstream.proxy_url: must be http://HOST:PORT"),
        ({"extra_ca_file": "no.pem"}, "upstream.extra_ca_file: no such file: /nowhere/no.pem"),
        ({"proxy_url": "http://p:3128"}, ""),
    ],
)
def test_upstream(upstream, problem):
    """The proxy's address and the certificate file are checked before a request needs them."""
    problems = Problems("", {})
    compile_upstream(msgspec.convert({"upstream": upstream}, Settings), FILE, problems)
    assert "".join(str(each) for each in problems.found) == problem


def test_the_certificate_file_is_beside_the_configuration(tmp_path):
    """A relative path is below the configuration file, wherever the gateway is started."""
    (tmp_path / "ca.pem").touch()
    settings = msgspec.convert({"upstream": {"extra_ca_file": "ca.pem"}}, Settings)
    problems = Problems("", {})
    assert compile_upstream(settings, tmp_path / "headgate.toml", problems).upstream.extra_ca_file == str(tmp_path / "ca.pem")
    assert problems.found == []


@pytest.mark.parametrize(
    "warehouse", ["", "/srv/lake", "s3://bucket", "s3://bucket/lake/", "abfss://box@account.dfs.core.windows.net/lake", "gs://b"]
)
def test_warehouse(warehouse):
    """An absolute path, an object-storage URL, or nothing."""
    problems = Problems("headgate.toml", {})
    check_storage(msgspec.convert({"storage": {"warehouse": warehouse}}, Settings), problems)
    assert not problems.found


@pytest.mark.parametrize("warehouse", ["lake", "./lake", "~/lake", "http://host/lake", "s3:/bucket", "s3://key:secret@bucket", "s3://", "s3://b/x?y"])
def test_senseless_warehouse(warehouse):
    """What depends on where Headgate is started, holds a secret, or is no place at all, is refused."""
    problems = Problems("headgate.toml", {})
    check_storage(msgspec.convert({"storage": {"warehouse": warehouse}}, Settings), problems)
    assert "absolute path" in problems.found[0].reason


def problems_of(document):
    """What is wrong with telemetry and payloads."""
    problems = Problems("", {})
    check_telemetry(msgspec.convert(document, Settings), problems)
    return [str(problem) for problem in problems.found]


def test_telemetry():
    """Names of tables, attribute patterns, regular expressions."""
    telemetry = {"trace_table": "main.default.traces", "redact": ["user.email", "*.key"], "keep": ["*", "prompt"]}
    assert problems_of({"telemetry": telemetry, "payloads": {"table": "main.default.all", "redact": [r"\d{16}"]}}) == []


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"telemetry": {"trace_table": "traces"}}, "telemetry.trace_table 'traces' is no table name: write catalog.schema.table"),
        ({"payloads": {"table": "main.default.<x>"}}, "payloads.table 'main.default.<x>' is no table name: write catalog.schema.table"),
        ({"telemetry": {"redact": ["*"]}}, "telemetry.redact[0] '*' would mean every attribute"),
        ({"telemetry": {"keep": ["**"]}}, "telemetry.keep[0] '**' would mean every attribute"),
        ({"payloads": {"redact": ["("]}}, "payloads.redact[0] is no regular expression"),
        ({"payloads": {"redact": ["a*"]}}, "payloads.redact[0] 'a*' matches where there is nothing to replace"),
    ],
)
def test_senseless_telemetry(document, problem):
    """Told with the key, before anything runs."""
    (found,) = problems_of(document)
    assert problem in found.replace(": ", " ", 1) or problem in found


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        ({"public_url": "gate.example"}, "server.public_url: must begin with http:// or https:// and a host"),
        ({"public_url": "https://gate.example/path"}, "server.public_url: must have no path"),
        ({"public_url": "https://ada:secret@gate.example"}, "server.public_url: must not hold a user name or password"),
        ({"trusted_proxies": ["127.0.0.1", "proxy"]},
         "server.trusted_proxies[1]: 'proxy' is no address or network, such as 127.0.0.1 or 10.0.0.0/8"),
        ({"contact": "#ai-platform"}, ""),
        ({"contact": "one\ntwo"}, "server.contact: must be one line of printable text"),
        ({"public_url": "https://gate.example:8443/", "trusted_proxies": ["10.0.0.0/8", "::1", "192.0.2.1/24"]}, ""),
    ],
)  # fmt: skip
def test_the_public_address_and_proxies(server, problem):
    """Links can be made with the one, and the others are addresses or networks."""
    problems = Problems("", {})
    check_server(msgspec.convert({"server": server}, Settings), problems)
    assert [str(found) for found in problems.found] == ([problem] if problem else [])


@pytest.mark.parametrize(("days", "wrong"), [(0, False), (1, True), (31, True), (32, False), (400, False)])
def test_usage_is_kept_for_the_month_that_runs(days, wrong):
    """Or its statement would not be whole."""
    problems = Problems("", {})
    check_usage(msgspec.convert({"usage": {"retention_days": days}}, Settings), problems)
    assert [str(problem) for problem in problems.found] == (
        [f"usage.retention_days: {days} is less than 32: rows of the month that runs would be deleted; 0 keeps all"] if wrong else []
    )


def test_readers_of_metrics_are_addresses_or_networks():
    """As proxies are."""
    problems = Problems("", {})
    check_server(msgspec.convert({"metrics": {"networks": ["127.0.0.1", "prometheus"]}}, Settings), problems)
    assert [str(found) for found in problems.found] == ["metrics.networks[1]: 'prometheus' is no address or network, such as 127.0.0.1 or 10.0.0.0/8"]
