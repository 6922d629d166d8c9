"""Rate limits over a real server: exact under load, live with a changed file, and refusals as agents read them."""

import asyncio
import json
import math
import threading
import time

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.lab import lab_provider, running, say_hello, until
from tests.fakes.turns import Silence, Text, Turn, say

HELLO = say("Hello from the script.")
TAGS = "Databricks-Ai-Gateway-Request-Tags"
TEN_A_DAY = '[[limits]]\nkey = "user_default"\nper = "day"\nrequests = 10\n'
ONE_OF_EACH = "".join(f'[[limits]]\nkey = "request_tag"\nrequest_tag_key = "{per}"\nper = "{per}"\nrequests = 1\n' for per in ("minute", "hour"))
ONE_AT_A_TIME = '[streams]\ndrain_after_client_s = 0\n[[limits]]\nkey = "user_default"\nconcurrent = 1\n'
ONE_AN_HOUR = '[[limits]]\nkey = "user_default"\nper = "hour"\nrequests = 1\n'


def ask(gateway, case=ANTHROPIC, **tags):
    """One unstreamed request: status, headers, body."""
    headers = {TAGS: json.dumps(tags)} if tags else {}
    with Asking(gateway.url, gateway.token, case.path(stream=False), case.body(stream=False), headers) as asking:
        return asking.status, {name.lower(): value for name, value in asking.answer.getheaders()}, json.loads(asking.rest())


async def status_of(port, request):
    """The status of one request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await reader.readline()
    await reader.read()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize("requests", [1_000])
def test_a_thousand_at_once_at_a_limit_of_ten(tmp_path, provider, requests):
    """Ten are admitted, on 1,000 connections and through two routes; the rest have a row each and reach no provider."""
    with running(tmp_path / "gateway", provider, TEN_A_DAY) as gateway:
        provider.play(*[HELLO] * 10)
        sent = []
        for case in CASES[:2]:
            body = case.body(stream=False)
            head = f"POST {case.path(stream=False)} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {gateway.token}\r\nconnection: close\r\n"
            sent.append(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)

        async def all_at_once():
            return await asyncio.gather(*(status_of(gateway.port, sent[number % 2]) for number in range(requests)))

        statuses = asyncio.run(all_at_once())
        assert (statuses.count(200), statuses.count(429)) == (10, requests - 10)
        assert len(provider.ledger.generations) == 10
        rows = gateway.rows(requests)
        assert sum(row["error_code"] == "limit_user_default" for row in rows) == requests - 10


def error_of(case, body):
    """Type, code and message of an error, and how long its body says to wait."""
    error = body["error"]
    if case.dialect == "gemini":
        reason, *retry = error["details"]
        return error["status"], reason["reason"], error["message"], retry[0]["retryDelay"] if retry else ""
    return error["type"], error["code"], error["message"], ""


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A gateway with a limit of one request of each value of two tags: by the minute and by the hour."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("limits"), provider, ONE_OF_EACH) as gateway:
        yield provider, gateway


WORDS = {
    "anthropic": ("rate_limit_error", "limit_request_tag", "rate_limit_error", "limit_request_tag"),
    "openai_chat": ("rate_limit_error", "rate_limit_exceeded", "insufficient_quota", "insufficient_quota"),
    "openai_responses": ("rate_limit_error", "rate_limit_exceeded", "insufficient_quota", "model_not_found"),
    "gemini": ("RESOURCE_EXHAUSTED", "limit_request_tag", "RESOURCE_EXHAUSTED", "limit_request_tag"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_a_refusal_makes_each_agent_wait_or_stop(counted, case):
    """Within a minute: the seconds to wait. Beyond it: what ends the turn with the message. Both say what, whose, until when and what to do."""
    provider, gateway = counted
    short_type, short_code, long_type, long_code = WORDS[case.dialect]
    for per in ("minute", "hour"):
        provider.play(HELLO)
        status, headers, _ = ask(gateway, case, **{per: case.dialect})
        assert (status, headers["x-headgate-limit-max"], headers["x-headgate-limit-remaining"]) == (200, "1", "0")

    status, headers, body = ask(gateway, case, minute=case.dialect)
    kind, code, message, delay = error_of(case, body)
    wait_s = int(headers["retry-after"])
    assert (status, kind, code) == (429, short_type, short_code)
    assert 0 < wait_s <= 60
    assert f"1 request per minute for requests with the tag minute = {case.dialect}" in message
    assert "Wait until then" in message
    assert headers["x-headgate-limit-key"] == "request_tag"
    assert 0 <= int(headers["x-headgate-limit-reset"]) - wait_s <= 1  # a minute and its last part is a second more than agents wait for
    assert "x-should-retry" not in headers
    assert delay in {"", f"{wait_s}s"}

    status, headers, body = ask(gateway, case, hour=case.dialect)
    kind, code, message, delay = error_of(case, body)
    assert (status, kind, code) == (403 if case.dialect == "openai_responses" else 429, long_type, long_code)
    reset_s = int(headers["x-headgate-limit-reset"])
    assert 3_500 < reset_s <= 3_660
    assert f"It fits in {math.ceil(reset_s / 60)} minutes" in message
    assert headers["x-should-retry"] == "false"
    assert headers.get("retry-after") == (None if case.dialect.startswith("openai") else str(reset_s))
    assert delay in {"", f"{reset_s}s"}


def test_counting_tokens_and_listings_are_outside_the_limits(counted):
    """Agents do both many times at once."""
    provider, gateway = counted
    provider.play(HELLO)
    assert ask(gateway, minute="outside")[0] == 200
    for _ in range(3):
        with Asking(
            gateway.url, gateway.token, "/anthropic/v1/messages/count_tokens", ANTHROPIC.body(stream=False), {TAGS: '{"minute": "outside"}'}
        ) as asking:
            assert asking.status != 429
    assert ask(gateway, minute="outside")[0] == 429


def test_a_changed_file_is_in_force_without_a_restart(gateway, provider):
    """Limits come, change and go with the file; one with a mistake changes nothing, and counts outlive all of it."""
    file = gateway.folder / "headgate.toml"
    written = file.read_text(encoding="utf-8")

    def change(limits):
        read = gateway.log.count("read again") + gateway.log.count("is refused")
        file.write_text(written + limits, encoding="utf-8")
        until(lambda: gateway.log.count("read again") + gateway.log.count("is refused") > read)

    provider.play(*[HELLO] * 4)
    assert ask(gateway)[0] == 200
    change(ONE_AN_HOUR)
    assert [ask(gateway)[0] for _ in range(2)] == [200, 429]
    change(ONE_AN_HOUR.replace("requests = 1", "requests = 0"))
    until(lambda: "limits[0].requests: must be a whole number >= 1" in gateway.log)
    assert ask(gateway)[0] == 429
    change(ONE_AN_HOUR.replace("requests = 1", "requests = 2"))
    assert [ask(gateway)[0] for _ in range(2)] == [200, 429]
    change("")
    assert ask(gateway)[0] == 200


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini-cli"])
def test_a_real_agent_waits_for_room_and_goes_on(tmp_path, provider, desk, agent):
    """Another request holds the only place until the agent was refused once; then the agent has its answer."""
    with running(tmp_path / "gateway", provider, ONE_AT_A_TIME) as gateway:
        provider.play(Turn((Text("Slow."),), fault=Silence(60, after_frames=1)), HELLO)
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as holding:
            assert holding.status == 200
            leaving = threading.Thread(target=leave_after_a_refusal, args=(gateway, holding))
            leaving.start()
            result = say_hello(agent, desk, gateway)
            leaving.join()
        assert HELLO.parts[0].text in result.out, result.text
        assert "limit_user_default" in {row["error_code"] for row in gateway.rows(3)}


def leave_after_a_refusal(gateway, holding):
    """Break off when the gateway's lines show that a request was refused."""
    deadline = time.monotonic() + 60
    while " 429 " not in gateway.log and time.monotonic() < deadline:
        time.sleep(0.1)
    holding.hang_up(reset=True)


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini-cli"])
def test_a_real_agent_stops_and_shows_the_text_where_waiting_is_long(tmp_path, provider, desk, agent):
    """It asks once, and its user reads which limit it is and when there is room again."""
    with running(tmp_path / "gateway", provider, ONE_AN_HOUR) as gateway:
        provider.play(HELLO)
        assert ask(gateway)[0] == 200
        result = say_hello(agent, desk, gateway)
        assert result.code != 0
        assert "1 request per hour for each user" in result.text
        assert "minutes" in result.text
        refused = [row for row in gateway.rows(2) if row["error_code"] == "limit_user_default"]
        assert len(refused) == 1
