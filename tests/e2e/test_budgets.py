"""Budgets over a real server: what each agent's format says of a warning, a downgrade and a spent budget; exact under load; and what real agents show."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.lab import CLAUDE, GEMINI, GPT, headgate, lab_provider, running, say_hello, until
from tests.e2e.test_limits import status_of
from tests.fakes.turns import Silence, Text, Tokens, Turn, say

TAGS = "Databricks-Ai-Gateway-Request-Tags"
USED = Tokens(fresh=100_000, output=1_000)
HELLO = say("Hello from the script.", tokens=USED)
CHEAP = {CLAUDE: "cheap-claude", GPT: "cheap-gpt", GEMINI: "cheap-gemini"}
CHEAPER = "".join(
    f'[[endpoints]]\nname = "{name}"\ntargets = [{{ provider = "{provider}", model = "{model}" }}]\n'
    for name, provider, model in (
        ("cheap-claude", "lab-anthropic", "claude-opus-4-6"),
        ("cheap-gpt", "lab-openai", "gpt-5.2"),
        ("cheap-gemini", "lab-gemini", "gemini-2.5-flash"),
    )
)


def budget(name, usd, actions="", **values):
    """A budget of a month."""
    lines = [f'[[budgets]]\nname = "{name}"\nper = "month"\nusd = {usd}', *(f"{key} = {value}" for key, value in values.items())]
    return "\n".join([*lines, *([f"actions = [{actions}]"] if actions else []), ""])


def ask(gateway, case=ANTHROPIC, **tags):
    """One unstreamed request: status, headers, body."""
    headers = {TAGS: json.dumps(tags)} if tags else {}
    with Asking(gateway.url, gateway.token, case.path(stream=False), case.body(stream=False), headers) as asking:
        return asking.status, {name.lower(): value for name, value in asking.answer.getheaders()}, json.loads(asking.rest())


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A gateway with a budget of each kind for each format, by a label."""
    budgets = [CHEAPER]
    for case in CASES:
        budgets += [
            budget(f"warn {case.dialect}", 1, '{ percent = 3, do = "warn" }', request_tag=f'{{ warn = "{case.dialect}" }}'),
            budget(
                f"down {case.dialect}",
                1,
                f'{{ percent = 3, do = "downgrade", to = "{CHEAP[case.endpoint]}" }}',
                request_tag=f'{{ down = "{case.dialect}" }}',
            ),
            budget(f"block {case.dialect}", 0.0325, request_tag=f'{{ block = "{case.dialect}" }}', timezone='"Europe/Berlin"'),
        ]
    with lab_provider() as provider, running(tmp_path_factory.mktemp("budgets"), provider, "".join(budgets)) as gateway:
        yield provider, gateway


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_a_warning_is_in_the_headers(counted, case):
    """From the request on that begins when its percent is used."""
    provider, gateway = counted
    provider.play(HELLO, HELLO)
    status, first, _ = ask(gateway, case, warn=case.dialect)
    assert (status, [name for name in first if "budget" in name]) == (200, [])
    status, headers, _ = ask(gateway, case, warn=case.dialect)

    assert status == 200
    assert headers["x-headgate-budget-name"] == f"warn {case.dialect}"
    assert int(headers["x-headgate-budget-percent"]) >= 3
    assert 0 < float(headers["x-headgate-budget-left-usd"]) < 1
    assert headers["x-headgate-budget-resets"].endswith("-01T00:00:00+00:00")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_a_downgrade_is_served_by_the_other_endpoint(counted, case):
    """The answer and the row say so; a stream too."""
    provider, gateway = counted
    provider.play(HELLO, HELLO, HELLO)
    assert ask(gateway, case, down=case.dialect)[0] == 200
    status, headers, _ = ask(gateway, case, down=case.dialect)
    assert status == 200
    assert headers["x-headgate-budget-downgraded-from"] == case.endpoint
    assert headers["x-headgate-budget-downgraded-to"] == CHEAP[case.endpoint]
    with Asking(gateway.url, gateway.token, case.path(), case.body(), {TAGS: json.dumps({"down": case.dialect})}) as asking:
        assert asking.answer.getheader("x-headgate-budget-downgraded-to") == CHEAP[case.endpoint]
        asking.rest()

    rows = [row for row in gateway.rows(1) if (row["request_tags"] or {}).get("down") == case.dialect]
    assert [(row["endpoint_name"], row["downgraded_from"]) for row in rows] == [
        (case.endpoint, None),
        *[(CHEAP[case.endpoint], case.endpoint)] * 2,
    ]
    assert rows[1]["budgets"] == [{"name": f"down {case.dialect}", "action": "downgrade", "unpriced": None}]


def error_of(case, body):
    """Type, code and message of an error, and how long its body says to wait."""
    error = body["error"]
    if case.dialect == "gemini":
        reason, *retry = error["details"]
        return error["status"], reason["reason"], error["message"], retry[0]["retryDelay"]
    return error["type"], error["code"], error["message"], ""


WORDS = {
    "anthropic": (429, "billing_error", "budget_exhausted"),
    "openai_chat": (429, "insufficient_quota", "insufficient_quota"),
    "openai_responses": (403, "insufficient_quota", "model_not_found"),
    "gemini": (429, "RESOURCE_EXHAUSTED", "budget_exhausted"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_a_spent_budget_stops_each_agent(counted, case):
    """The message says which, how much, when it resets in the budget's time zone, and what to do; no agent waits."""
    provider, gateway = counted
    provider.play(HELLO)
    assert ask(gateway, case, block=case.dialect)[0] == 200
    sent = len(provider.ledger.generations)
    status, headers, body = ask(gateway, case, block=case.dialect)
    kind, code, message, delay = error_of(case, body)

    assert (status, kind, code) == WORDS[case.dialect]
    assert message.startswith(f"Budget 'block {case.dialect}', which its users share, has no room for this request: $")
    assert "is spent this month" in message
    assert " at 00:00 (Europe/Berlin). Wait until then, use a cheaper model, or ask your Headgate administrator" in message
    assert headers["x-should-retry"] == "false"
    if case.dialect.startswith("openai"):
        assert "retry-after" not in headers
    else:
        assert int(headers["retry-after"]) >= (61 if case.dialect == "anthropic" else 301)
    assert not delay or int(delay.removesuffix("s")) > 300
    assert headers["x-headgate-budget-name"] == f"block {case.dialect}"
    assert len(provider.ledger.generations) == sent
    (row,) = [row for row in gateway.rows(1) if row["error_code"] == "budget_exhausted" and row["request_tags"]["block"] == case.dialect]
    assert row["budgets"] == [{"name": f"block {case.dialect}", "action": "block", "unpriced": None}]


def test_counting_tokens_is_outside(counted):
    """Also where the budget is spent."""
    provider, gateway = counted
    path, body = "/anthropic/v1/messages/count_tokens", ANTHROPIC.body(stream=False)
    provider.play(HELLO)
    ask(gateway, block="anthropic")
    with Asking(gateway.url, gateway.token, path, body, {TAGS: '{"block": "anthropic"}'}) as asking:
        assert asking.status == 200


def test_a_hundred_at_once_at_a_hard_budget_spend_no_more_than_it_has(tmp_path, provider):
    """As many are admitted as can cost at most the budget; each percent is one line in the log."""
    body = ANTHROPIC.body(stream=False)
    most = len(body) * 10e-6 + 100 * 25e-6  # a token for each byte, at the price of an hour in the cache
    text = budget("all", round(most * 10.5, 6), '{ percent = 1, do = "warn" }, { percent = 100, do = "block" }', hard="true")
    with running(tmp_path / "gateway", provider, text) as gateway:
        provider.play(*[say("Hi.", tokens=Tokens(fresh=len(body), output=100))] * 20)
        head = f"POST {ANTHROPIC.path()} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {gateway.token}\r\nconnection: close\r\n"
        request = f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body

        async def all_at_once():
            return await asyncio.gather(*(status_of(gateway.port, request) for _ in range(100)))

        statuses = asyncio.run(all_at_once())
        rows = gateway.rows(100)
        assert 10 <= statuses.count(200) <= 20
        assert statuses.count(200) + statuses.count(429) == 100
        assert sum(float(row["charge"]) for row in rows if row["charge"] is not None) <= most * 10.5
        until(lambda: "Budget 'all': 1 % is used." in gateway.log)  # reported off the path of the exchange
        assert gateway.log.count("Budget 'all': 1 % is used.") == 1


def test_what_is_left_is_shown_to_its_users_and_to_administrators(counted):
    """By the running gateway: each user's own with their token, all with an administrator's."""
    provider, gateway = counted
    provider.play(HELLO)
    ask(gateway, warn="anthropic")
    variables = {"HEADGATE_URL": gateway.url, "HEADGATE_TOKEN": gateway.token}
    mine = json.loads(headgate("usage", "--mine", "--json", variables=variables))
    assert {each["name"] for each in mine} >= {f"{kind} {case.dialect}" for kind in ("warn", "down", "block") for case in CASES}
    assert [each["percent"] for each in mine] == sorted((each["percent"] for each in mine), reverse=True)
    assert "warn anthropic" in headgate("usage", "--mine", variables=variables)

    admin = headgate("token", "create", "ops", "--admin", "--data", gateway.data).split()[0]
    everything = json.loads(headgate("budget", "list", "--json", variables=variables | {"HEADGATE_TOKEN": admin}))
    assert {each["name"]: each["spent_usd"] for each in everything}["warn anthropic"] >= 0.525


def spent_usd(gateway):
    """What each of the caller's budgets has spent, by name."""
    shown = headgate("usage", "--mine", "--json", variables={"HEADGATE_URL": gateway.url, "HEADGATE_TOKEN": gateway.token})
    return {each["name"]: (each["spent_usd"], each["reserved_usd"]) for each in json.loads(shown)}


def test_what_is_spent_survives_kill_9_and_equals_the_usage_table(tmp_path, provider):
    """Also what was under way; a budget of another user has nothing of it."""
    text = budget("all", 100) + budget("each", 100, scope='"per_user"') + budget("ben", 100, user='"ben@example.com"')
    with running(tmp_path / "gateway", provider, text) as gateway:
        provider.play(HELLO, HELLO, Turn((Text("Slow."),), fault=Silence(60)), HELLO)
        for _ in range(2):
            assert ask(gateway)[0] == 200
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as under_way:
            assert under_way.status == 200
            assert spent_usd(gateway)["all"][1] > 0
            gateway.kill_all()
        gateway.start()
        assert ask(gateway)[0] == 200

        charged = sum(float(row["charge"]) for row in gateway.rows(4))
        assert len(gateway.rows(4)) == 4
        assert charged > 3 * 0.52
        assert spent_usd(gateway) == {"all": (pytest.approx(charged, abs=1e-8), 0), "each": (pytest.approx(charged, abs=1e-8), 0)}


def test_a_webhook_is_called_once_for_each_percent(tmp_path, provider):
    """At the URL that a file beside the configuration has."""
    called = []

    class Hook(BaseHTTPRequestHandler):
        """Remembers what it gets."""

        def do_POST(self):
            """Take a notice."""
            called.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = budget("team", 1, '{ percent = 50, do = "warn" }', webhook='"file:hook"')
    hook = tmp_path / "gateway" / "hook"
    hook.parent.mkdir()
    hook.touch(mode=0o600)
    hook.write_text(f"http://127.0.0.1:{server.server_port}/hook?key=secret", encoding="utf-8")
    with running(tmp_path / "gateway", provider, text) as gateway:
        provider.play(HELLO, HELLO)
        for _ in range(2):
            assert ask(gateway)[0] == 200
        until(lambda: bool(called))
        assert "key=secret" not in gateway.log
    server.shutdown()
    server.server_close()

    ((path, body),) = called
    assert path == "/hook?key=secret"
    assert (body["budget"], body["percent"], body["action"], body["usd"]) == ("team", 50.0, "warn", 1.0)
    assert body["text"].startswith("Budget 'team': 50 % is used. $0.5")


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini-cli"])
def test_a_real_agent_stops_at_a_spent_budget_and_shows_when_it_resets(tmp_path, provider, desk, agent):
    """It asks once."""
    with running(tmp_path / "gateway", provider, budget("team, month", 0)) as gateway:
        result = say_hello(agent, desk, gateway)
        assert result.code != 0
        assert "team, month" in result.text
        assert "It resets on" in result.text
        assert {row["error_code"] for row in gateway.rows(1)} == {"budget_exhausted"}
        assert len(gateway.rows(1)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini-cli"])
def test_a_real_agent_goes_on_after_a_downgrade(tmp_path, provider, desk, agent):
    """It has its answer from the other endpoint."""
    endpoint = {"claude-code": CLAUDE, "codex": GPT, "gemini-cli": GEMINI}[agent]
    actions = f'{{ percent = 1, do = "downgrade", to = "{CHEAP[endpoint]}" }}, {{ percent = 100, do = "block" }}'
    with running(tmp_path / "gateway", provider, CHEAPER + budget("all", 0, actions, endpoint=f'"{endpoint}"')) as gateway:
        provider.play(*[HELLO] * 3)
        result = say_hello(agent, desk, gateway)
        assert HELLO.parts[0].text in result.out, result.text
        assert {row["downgraded_from"] for row in gateway.rows(1)} == {endpoint}
