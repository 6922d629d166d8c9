"""Endpoints with several targets over real connections: fallbacks, late first tokens, targets in trouble, sessions and shares."""

import contextlib
import json
import time
import urllib.request

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, CLOSING, Asking
from tests.e2e.lab import CLAUDE, GEMINI, GPT, SENT, lab_provider, running, until
from tests.fakes.turns import Silence, Text, Turn, refuse, say

HELLO = say("Hello from the script.")
SESSION = "x-claude-code-session-id"


def config(*providers, **endpoint):
    """Providers `a` and `b` in each format, and an endpoint for each with these keys; `targets` and `fallbacks` are written as `a` or `b 20`."""

    def target(text, dialect, model):
        name, _, percent = text.partition(" ")
        share = f", traffic_percent = {percent}" if percent else ""
        return f'{{ provider = "{name}-{dialect}", model = "{model}"{share} }}'

    lines = []
    for name, provider in zip("ab", providers, strict=True):
        for dialect, url in (("anthropic", provider.url), ("openai", provider.openai_url), ("gemini", provider.url)):
            lines.append(f'[[providers]]\nname = "{name}-{dialect}"\ndialect = "{dialect}"\nbase_url = "{url}"\napi_key = "env:LAB_KEY"')
    for model, dialect in ((CLAUDE, "anthropic"), (GPT, "openai"), (GEMINI, "gemini")):
        lines.append(f'[[endpoints]]\nname = "{model}"')
        for key, value in endpoint.items():
            written = [target(each, dialect, SENT[model]) for each in value] if isinstance(value, list) else value
            lines.append(f"{key} = [{', '.join(written)}]" if isinstance(value, list) else f"{key} = {value}")
    return "\n".join(lines)


@contextlib.contextmanager
def checked_provider():
    """A scripted provider; what arrives there and is not as it has to be fails the test."""
    with lab_provider() as provider:
        try:
            yield provider
        finally:
            provider.check()


@contextlib.contextmanager
def two(folder, **endpoint):
    """Two scripted providers and a gateway before them."""
    with checked_provider() as one, checked_provider() as other, running(folder, None, config(one, other, **endpoint)) as gateway:
        for provider in (one, other):
            provider.expected.canaries.add(gateway.token)
        yield gateway, one, other


def ask(gateway, case=ANTHROPIC, *, stream=True, session=""):
    """One request: status, headers, body."""
    headers = {SESSION: session} if session else {}
    with Asking(gateway.url, gateway.token, case.path(stream=stream), case.body(stream=stream), headers) as asking:
        return asking.status, {name.lower(): value for name, value in asking.answer.getheaders()}, asking.rest()


def tries(row):
    """The attempts of a row: target, status, error code and action."""
    attempts = row["routing_information"]["attempts"]
    return [(each["destination_id"], each["status_code"], each["error_code"], each["action"]) for each in attempts]


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    """An endpoint of each format with one target and a fallback, and a second for the first token."""
    with two(tmp_path_factory.mktemp("safe"), targets=["a"], fallbacks=["b"], first_token_timeout_s=1, retry_budget_percent=100) as house:
        yield house


def rows_of(gateway, answers):
    """The rows of some requests, by the ids in their answers' headers."""
    ids = [headers["x-databricks-request-id"] for _, headers, _ in answers]
    found = {row["request_id"]: row for row in gateway.rows(len(ids))}
    deadline = time.monotonic() + 15
    while not found.keys() >= set(ids) and time.monotonic() < deadline:
        found = {row["request_id"]: row for row in gateway.rows()}
    return [found[each] for each in ids]


def test_a_fallback_answers_in_each_format(safe):
    """The client has its whole stream and the name of the target; the providers were asked in order, with the same words."""
    gateway, one, other = safe
    answers = []
    for case in CASES:
        for status in (429, 500):
            one.play(refuse(status, "not now"))
            other.play(HELLO)
            answers.append(ask(gateway, case))
            assert (answers[-1][0], CLOSING[case.dialect] in answers[-1][2]) == (200, True)
            assert one.ledger.generations[-1].body == other.ledger.generations[-1].body
    for place, row in enumerate(rows_of(gateway, answers)):
        case, status = CASES[place // 2], (429, 500)[place % 2]
        first, second = (f"{name}-{case.dialect.partition('_')[0]}/{SENT[case.endpoint]}" for name in "ab")
        assert answers[place][1]["x-headgate-target"] == second
        assert tries(row) == [(first, status, None, None), (second, 200, None, "fallback")]
        assert (row["destination_name"], row["status_code"]) == (second.partition("/")[0], 200)


def test_a_late_first_token_leads_to_the_fallback_in_each_format(safe):
    """What the format sends before it (its head, `message_start`, `response.created`, the role) does not count; the late connection is closed."""
    gateway, one, other = safe
    answers = []
    for case in CASES:
        one.play(Turn((Text("Too late."),), fault=Silence(20, after_frames=-1 if case.dialect == "gemini" else 1)))
        other.play(HELLO)
        answers.append(ask(gateway, case))
        found, _, body = answers[-1]
        assert (found, body.count(b"Hello") > 0, b"Too late" in body, CLOSING[case.dialect] in body) == (200, True, False, True)
    for row in rows_of(gateway, answers):
        assert [(code, action) for _, _, code, action in tries(row)] == [("first_token_timeout", None), (None, "fallback")]
    until(lambda: one.ledger.generations[-1].client_closed)


def test_a_slow_stream_that_has_begun_is_not_given_up(safe):
    """Its first token came in time; the pause after it is the provider's."""
    gateway, one, other = safe
    one.play(Turn((Text("Slow but here."),), fault=Silence(2, after_frames=4)))
    asked = len(other.ledger.generations)
    found, headers, body = ask(gateway)
    assert (found, headers["x-headgate-target"], CLOSING["anthropic"] in body) == (200, f"a-anthropic/{SENT[CLAUDE]}", True)
    assert len(other.ledger.generations) == asked


def test_a_target_that_fails_or_asks_for_a_pause_is_passed_over(tmp_path):
    """After a Retry-After it gets no request until then; after five failures in a row neither. The rows name it all the same."""
    with two(tmp_path, targets=["a"], fallbacks=["b"]) as (gateway, one, other):
        one.play(refuse(429, "later", retry_after="60"))
        other.play(*[HELLO] * 4)
        assert [ask(gateway)[0] for _ in range(2)] == [200, 200]
        assert len(one.ledger.generations) == 1
        rows = gateway.rows(2)
        assert tries(rows[1]) == [(f"a-anthropic/{SENT[CLAUDE]}", None, None, "circuit_open"), (f"b-anthropic/{SENT[CLAUDE]}", 200, None, "fallback")]

        chat = CASES[1]
        one.play(*[refuse(500, "broken")] * 5)
        other.play(*[HELLO] * 6)
        assert [ask(gateway, chat, stream=False)[0] for _ in range(6)] == [200] * 6
        assert len(one.ledger.generations) == 6
        until(lambda: "failed 5 times in a row" in gateway.log)
        with urllib.request.urlopen(f"{gateway.url}/readyz", timeout=10) as answer:
            assert any("Targets fail" in warning for warning in json.load(answer)["warnings"])


@pytest.mark.slow
def test_a_target_that_works_again_comes_back(tmp_path):
    """Five seconds after it was passed over one request tries it."""
    with two(tmp_path, targets=["a"], fallbacks=["b"]) as (gateway, one, other):
        one.play(*[refuse(500, "broken")] * 5, HELLO, HELLO)
        other.play(*[HELLO] * 6)
        for _ in range(6):
            ask(gateway)
        time.sleep(5.5)
        assert [ask(gateway)[1]["x-headgate-target"][0] for _ in range(2)] == ["a", "a"]
        until(lambda: "works again" in gateway.log)


def test_sessions_stay_on_their_targets(tmp_path):
    """Forty sessions of three requests: each at one provider, both providers in use, and the rows say the share."""
    with two(tmp_path, targets=["a 50", "b 50"]) as (gateway, one, other):
        sessions = [f"ses-{number}" for number in range(40)]
        one.play(*[HELLO] * 120)
        other.play(*[HELLO] * 120)
        for session in sessions * 3:
            assert ask(gateway, stream=False, session=session)[0] == 200
        seen = {session: [0, 0] for session in sessions}
        for place, provider in enumerate((one, other)):
            for entry in provider.ledger.generations:
                seen[entry.header(SESSION)][place] += 1
        assert {tuple(counts) for counts in seen.values()} == {(3, 0), (0, 3)}
        assert {row["traffic_percent"] for row in gateway.rows(120)} == {50}


BOUNDS = {
    "anthropic": {"max_tokens": 50},
    "openai_chat": {"max_completion_tokens": 50},
    "openai_responses": {"max_output_tokens": 50},
    "gemini": {"generationConfig": {"maxOutputTokens": 50}},
}
TOOLS = {
    "anthropic": [{"name": "Delete", "input_schema": {"type": "object"}}],
    "openai_chat": [{"type": "function", "function": {"name": "Delete"}}],
    "openai_responses": [{"type": "function", "name": "Delete"}],
    "gemini": [{"functionDeclarations": [{"name": "Delete"}]}],
}


def test_parameters_in_each_format(tmp_path):
    """The bound is sent, a tool that is not allowed is refused in the format's own words, beta values are left out, and no usage is tracked."""
    keys = {"max_output_tokens": 50, "allowed_tools": '["Read"]', "allowed_betas": '["good-*"]', "usage_tracking": "false"}
    with two(tmp_path, targets=["a"], **keys) as (gateway, one, _):
        for case in CASES:
            one.play(HELLO)
            headers = {"anthropic-beta": "good-1,bad-1"}
            with Asking(gateway.url, gateway.token, case.path(stream=False), case.body(stream=False), headers) as asking:
                assert asking.status == 200
                assert asking.answer.getheader("x-headgate-max-output-tokens") == "50"
                assert asking.answer.getheader("x-headgate-dropped-betas") == "bad-1"
                asking.rest()
            entry = one.ledger.generations[-1]
            assert entry.json == case.fields(stream=False) | BOUNDS[case.dialect] | (
                {} if case.dialect == "gemini" else {"model": SENT[case.endpoint]}
            )
            assert entry.header("anthropic-beta") == "good-1"
            body = json.dumps(case.fields(stream=False) | {"tools": TOOLS[case.dialect]}).encode()
            with Asking(gateway.url, gateway.token, case.path(stream=False), body) as asking:
                assert asking.status == 403
                assert "does not allow the tool Delete; it allows Read" in json.loads(asking.rest())["error"]["message"]
        assert len(one.ledger.generations) == len(CASES)
        assert gateway.rows() == []


def test_a_pattern_serves_names_without_an_endpoint(tmp_path):
    """Under the name that was asked for; a file with a mistake in it says where."""
    with checked_provider() as provider:
        extra = f'[[providers]]\nname = "lab"\ndialect = "anthropic"\nbase_url = "{provider.url}"\napi_key = "env:LAB_KEY"\n'
        extra += '[[endpoints]]\nname = "claude-*"\ntargets = [{ provider = "lab" }]\n'
        with running(tmp_path / "gateway", None, extra) as gateway:
            provider.play(HELLO)
            body = json.dumps(ANTHROPIC.fields(stream=False) | {"model": "claude-opus-4-6"}).encode()
            with Asking(gateway.url, gateway.token, ANTHROPIC.path(), body) as asking:
                assert asking.status == 200
            (row,) = gateway.rows(1)
            assert (row["endpoint_name"], row["model_sent"], row["destination_name"]) == ("claude-opus-4-6", "claude-opus-4-6", "lab")
