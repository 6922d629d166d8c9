"""Users whose own subscription at the provider pays: their credential goes to its issuer alone, the Headgate token beside it says who asks."""

import base64
import datetime as dt
import json
import urllib.request
from types import SimpleNamespace

import pytest

from tests.e2e import headless
from tests.e2e.agents import CODEX
from tests.e2e.asking import Asking, Case
from tests.e2e.lab import ALONE, CONFIG, USER, Gateway
from tests.fakes.issuers import Issuers
from tests.fakes.provider import Provider
from tests.fakes.turns import refuse, say

OAUTH = "sk-ant-oat01-" + "aB3_" * 22 + "-end"
GOOGLE = "ya29.a0AfB_byC-0123456789"
CLAIMS = base64.urlsafe_b64encode(json.dumps({"iss": "https://auth.openai.com", "sub": "ada"}).encode()).decode().rstrip("=")
CHATGPT = f"eyJhbGciOiJSUzI1NiJ9.{CLAIMS}.{'c2ln' * 300}"
SWAP = "X-Databricks-AI-Gateway-Token"
PROVIDERS = """
[[providers]]
name = "claude-subscription"
dialect = "anthropic"
auth = "client"

[[providers]]
name = "chatgpt"
dialect = "openai_responses"
base_url = "https://chatgpt.com/backend-api/codex"
auth = "client"

[[providers]]
name = "google"
dialect = "gemini"
auth = "client"

[[endpoints]]
name = "my-claude"
targets = [{ provider = "claude-subscription", model = "claude-opus-4-6" }, { provider = "lab-anthropic", model = "claude-opus-4-6" }]

[[endpoints]]
name = "my-gpt"
targets = [{ provider = "chatgpt", model = "gpt-5.2" }]

[[endpoints]]
name = "my-gemini"
targets = [{ provider = "google", model = "gemini-2.5-flash" }]

[payloads]
table = "main.default.all"
redact_secrets = false
"""
ANTHROPIC, RESPONSES, GEMINI = Case("anthropic", "my-claude"), Case("openai_responses", "my-gpt"), Case("gemini", "my-gemini")
OF = {
    "anthropic": (OAUTH, "api.anthropic.com:443", "claude-subscription"),
    "openai_responses": (CHATGPT, "chatgpt.com:443", "chatgpt"),
    "gemini": (GOOGLE, "generativelanguage.googleapis.com:443", "google"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A gateway whose providers are at their real addresses, which lead to one scripted provider; another one has Headgate's key."""
    folder = tmp_path_factory.mktemp("own")
    with Provider() as issuer, Provider() as keyed, Issuers(folder / "ca", issuer.port) as hosts:
        written = (
            ALONE
            + hosts.settings
            + CONFIG.format(url=keyed.url, openai_url=keyed.openai_url).replace('"databricks-claude-opus-4-6"', '"keyed-claude"')
        )
        gateway = Gateway(folder / "gateway", written + PROVIDERS)
        try:
            gateway.start()
            yield SimpleNamespace(gateway=gateway, issuer=issuer, keyed=keyed, hosts=hosts)
        finally:
            gateway.kill_all()
    files = [file.read_bytes() for file in (folder / "gateway").rglob("*") if file.is_file()]
    assert not [secret for secret in (OAUTH, CHATGPT, GOOGLE, gateway.token) if any(secret.encode() in content for content in files)]


def ask(lab, case, credential, *, stream=True, headers=None):
    """One request with a credential of its own in `Authorization`, and the token beside it."""
    own = {SWAP: f"Bearer {lab.gateway.token}", "chatgpt-account-id": "acc-1", "anthropic-beta": "oauth-2025-04-20"}
    return Asking(lab.gateway.url, credential, case.path(stream=stream), case.body(stream=stream), own | (headers or {}))


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("case", [ANTHROPIC, RESPONSES, GEMINI], ids=lambda case: case.dialect)
def test_the_issuer_gets_it_and_nothing_else_of_who_asks(lab, case, stream):
    """The issuer's host is asked with exactly the client's credential; the row says who asked and that their account paid, at which list price."""
    credential, host, provider = OF[case.dialect]
    script = lab.issuer.play(say("Hello."))
    before = len(lab.gateway.rows())

    with ask(lab, case, credential, stream=stream) as answer:
        assert answer.status == 200
        answer.rest()

    assert script.left == 0
    entry = lab.issuer.ledger.entries[-1]
    assert entry.credentials == {"authorization": f"Bearer {credential}"}
    assert entry.header("chatgpt-account-id") == ("acc-1" if case is RESPONSES else "")
    assert lab.gateway.token not in entry.everything
    assert not [name for name, _ in entry.headers if "databricks" in name or "headgate" in name]
    assert lab.hosts.hosts[-1] == host
    row = lab.gateway.rows(before + 1)[-1]
    assert (row["requester"], row["token_id"], row["destination_name"]) == (USER, lab.gateway.token_id, provider)
    assert (row["paid_by"], row["charge"], row["charge_status"]) == ("requester", 0, "not_charged")
    assert row["list_charge"] > 0
    assert row["output_tokens"] > 0


@pytest.mark.parametrize(
    ("case", "credential", "words"),
    [
        (Case("anthropic", "keyed-claude"), OAUTH, "does not take your own credential"),
        (ANTHROPIC, GOOGLE, "only credentials that Anthropic issued"),
        (RESPONSES, OAUTH, "only credentials that ChatGPT issued"),
        (GEMINI, CHATGPT, "only credentials that Google issued"),
        (Case("openai_chat", "databricks-gpt-5-2"), CHATGPT, "does not take your own credential"),
    ],
)
def test_it_goes_nowhere_else(lab, case, credential, words):
    """Neither to an account of Headgate's nor to another issuer: 403 in the agent's format, and no host is asked."""
    asked, keyed, hosts = len(lab.issuer.ledger.entries), len(lab.keyed.ledger.entries), len(lab.hosts.hosts)

    with ask(lab, case, credential) as answer:
        body = answer.rest().decode()
    assert (answer.status, words in body, credential in body) == (403, True, False)
    assert (len(lab.issuer.ledger.entries), len(lab.keyed.ledger.entries), len(lab.hosts.hosts)) == (asked, keyed, hosts)


def test_the_token_alone_is_paid_by_headgates_account(lab):
    """The same endpoint has a target with Headgate's key, for requests without a credential of their own; without one, the refusal says how to send it."""
    script = lab.keyed.play(say("Hello."))
    with Asking(lab.gateway.url, lab.gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as answer:
        assert answer.status == 200
        answer.rest()
    assert script.left == 0
    assert set(lab.keyed.ledger.entries[-1].credentials) == {"x-api-key"}

    with Asking(lab.gateway.url, lab.gateway.token, RESPONSES.path(), RESPONSES.body()) as answer:
        assert answer.status == 403
        assert SWAP.encode() in answer.rest()


@pytest.mark.parametrize(("status", "answered"), [(401, 401), (429, 429), (307, 502)])
def test_the_issuers_refusal_is_the_answer(lab, status, answered):
    """It falls back to no account of Headgate's and follows no redirect; what the issuer says of the credential is struck out."""
    keyed, hosts = len(lab.keyed.ledger.entries), len(lab.hosts.hosts)
    lab.issuer.play(refuse(status, f"not {OAUTH}"))

    with ask(lab, ANTHROPIC, OAUTH) as answer:
        assert answer.status == answered
        assert OAUTH.encode() not in answer.rest()

    assert len(lab.keyed.ledger.entries) == keyed
    assert set(lab.hosts.hosts[hosts:]) <= {"api.anthropic.com:443"}


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({SWAP: "{token}"}, "is not `Bearer`"),
        ({"x-api-key": "sk-ant-api03-other"}, "several credentials"),
        ({SWAP: "Bearer " + OAUTH}, "not a Headgate token"),
        ({"x-headgate-token": "Bearer other"}, "two different credentials"),
    ],
)
def test_what_may_be_meant_in_two_ways_is_refused(lab, headers, words):
    """401, before anything is sent; the refusal repeats nothing."""
    sent = {name: value.format(token=lab.gateway.token) for name, value in headers.items()}
    with ask(lab, ANTHROPIC, OAUTH, headers=sent) as answer:
        body = answer.rest().decode()
    assert (answer.status, words in body) == (401, True), body
    assert OAUTH not in body
    assert lab.gateway.token not in body


def test_listings_take_the_token_beside_it_too(lab):
    """An agent sends the same headers with every request."""
    headers = {"authorization": f"Bearer {OAUTH}", SWAP: f"Bearer {lab.gateway.token}"}
    asked = urllib.request.Request(f"{lab.gateway.url}/anthropic/v1/models", headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert b"my-claude" in answer.read()


@pytest.mark.slow
def test_claude_code_signed_in_to_a_subscription(lab, desk):
    """The real Claude Code with an OAuth token of a subscription, and the documented settings."""
    script = lab.issuer.play(say("Hello from the subscription."))
    settings = headless.filled("claude-code-subscription", lab.gateway.url, lab.gateway.token, "my-claude")

    result = headless.claude_code(desk, lab.gateway.door("my-claude"), "Say hello.", settings=settings, CLAUDE_CODE_OAUTH_TOKEN=OAUTH)

    assert "Hello from the subscription." in result.out, result.text
    assert script.left == 0
    entry = lab.issuer.ledger.entries[-1]
    assert entry.credentials == {"authorization": f"Bearer {OAUTH}"}
    assert "oauth-2025-04-20" in entry.header("anthropic-beta")
    row = lab.gateway.rows()[-1]
    assert (row["agent"], row["paid_by"], row["requester"]) == ("claude-code", "requester", USER)


@pytest.mark.slow
def test_codex_signed_in_to_chatgpt(lab, desk):
    """The real Codex with a ChatGPT account, and the documented settings; ChatGPT's host gets its account's id too."""
    script = lab.issuer.play(say("Hello from ChatGPT."))
    desk.write(".codex/config.toml", headless.filled("codex-subscription", lab.gateway.url, lab.gateway.token, "my-gpt") + headless.QUIET_CODEX)
    claims = {
        "iss": "https://auth.openai.com",
        "email": "ada@example.com",
        "exp": 4_000_000_000,
        "https://api.openai.com/auth": {"chatgpt_account_id": "acc-7"},
    }
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl"
    tokens = {"id_token": token, "access_token": token, "refresh_token": "refresh", "account_id": "acc-7"}
    now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    desk.write(".codex/auth.json", json.dumps({"auth_mode": "chatgpt", "OPENAI_API_KEY": None, "tokens": tokens, "last_refresh": now}))
    desk.variables = {"CODEX_HOME": str(desk.home / ".codex")}

    result = desk.run(CODEX, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "Say hello.", timeout_s=60)

    assert "Hello from ChatGPT." in result.out, result.text
    assert script.left == 0
    entry = lab.issuer.ledger.entries[-1]
    assert entry.credentials == {"authorization": f"Bearer {token}"}
    assert entry.header("chatgpt-account-id") == "acc-7"
    assert entry.path == "/backend-api/codex/responses"
    row = lab.gateway.rows()[-1]
    assert (row["agent"], row["paid_by"], row["requester"]) == ("codex", "requester", USER)
