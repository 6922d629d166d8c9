"""A restart under load: no client notices it, every exchange has its row, and every count goes on."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.e2e.asking import ANTHROPIC
from tests.e2e.crash import marked_rows
from tests.e2e.lab import ALONE, ROOT, Gateway, descendants, environment, headgate, lab_provider, running, until
from tests.e2e.lab import CONFIG as UPSTREAM
from tests.e2e.restarting import TOKENS, Client, Load, answer, restart

REQUESTS = 1_000_000
CONFIG = f"""
[[limits]]
endpoint = "*"
key = "endpoint"
per = "day"
requests = {REQUESTS}
concurrent = 10_000

[[budgets]]
name = "all"
per = "month"
usd = 1000000.0
"""
RESTARTS = int(os.environ.get("RESTARTS", "200"))


def mark_of(entry):
    """The mark in a request's words, without its first part."""
    return entry.body.partition(b"mark-")[2].partition(b'"')[0].decode()


async def loop(gateway, restarts, **load):
    """So many restarts, one after the other, under a load. Returns it when all its answers have ended."""
    clients = Load(gateway, **load)
    await asyncio.sleep(0.5)
    for number in range(restarts):
        await restart(gateway)
        if number % 10 == 9:
            print(f"restart {number + 1}: {dict(clients.done)}, {len(clients.failures)} failed", flush=True)
    await clients.stop()
    return clients


async def once(gateway, mark):
    """One exchange on a connection of its own."""
    client = Client(gateway)
    try:
        return await client.ask(ANTHROPIC, mark, stream=False)
    finally:
        await client.close()


def check(gateway, provider, clients):
    """Nothing failed, the rows are those of the provider's ledger, and limit and budget count each of them once, with nothing left reserved."""
    assert not clients.failures, (len(clients.failures), clients.failures[:5])
    asked = {mark_of(entry) for entry in provider.ledger.generations}
    rows = marked_rows(gateway, asked)
    assert set(rows) == asked
    assert len(provider.ledger.generations) == len(asked) == clients.done.total()
    found = [row for each in rows.values() for row in each]
    assert len(found) == len(asked)
    assert {(row["ended"], row["fresh_input_tokens"], row["output_tokens"]) for row in found} == {("completed", TOKENS.fresh, TOKENS.output)}

    status, _, headers = asyncio.run(once(gateway, "last"))
    assert (status, int(headers["x-headgate-limit-remaining"])) == (200, REQUESTS - len(asked) - 1)
    rows = [row for each in marked_rows(gateway, {*asked, "last"}).values() for row in each]
    request = urllib.request.Request(f"{gateway.url}/api/2.0/headgate/me", headers={"Authorization": f"Bearer {gateway.token}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        (meter,) = json.load(response)["budgets"]
    assert meter["reserved_usd"] == 0
    assert meter["spent_usd"] == pytest.approx(sum(float(row["charge"]) for row in rows), abs=1e-6)


@pytest.fixture(scope="module")
def restarted(tmp_path_factory):
    """A gateway with a limit and a budget, before a provider whose slow answers take two seconds."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("restarted"), provider, CONFIG) as gateway:
        provider.answer = answer
        yield gateway, provider
        assert gateway.stop() == 0


def test_no_client_notices_a_restart(restarted):
    """Neither on a connection that stays open, which moves to the new process, nor on a new one, nor in the middle of a stream; and every count is right."""
    gateway, provider = restarted
    clients = asyncio.run(loop(gateway, 2, steady=3, fresh=1, streams=4, pause_s=0.02))

    check(gateway, provider, clients)
    assert clients.connected == 3 + 4 + clients.done["fresh"]
    until(lambda: sum(b"cli.serving" in command_of(pid) for pid in descendants(gateway.process.pid)), 1)


def command_of(pid):
    """The command line of a process; empty for one that has gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_the_command_replaces_all_processes(restarted):
    """Also the flusher and the program of the supervisor, whose process stays; a stop is as clean afterwards as before."""
    gateway, _ = restarted
    before = {pid: command_of(pid) for pid in descendants(gateway.process.pid)}
    told = json.loads(headgate("restart", "--json", "--data", gateway.data))

    assert (told["replaced"] in before, told["failure"]) == (True, "")
    until(lambda: b"headgate.cli.supervisor" in command_of(gateway.process.pid))
    until(lambda: sum(b"storage.flusher" in command_of(pid) for pid in set(descendants(gateway.process.pid)) - set(before)), 1)
    until(gateway.serving_pid, told["pid"])
    assert asyncio.run(once(gateway, "after-command"))[0] == 200


@pytest.mark.slow
def test_a_restart_that_fails_changes_nothing_and_says_why(restarted):
    """The new process would not accept the file, so the old one goes on."""
    gateway, _ = restarted
    file, pid = gateway.folder / "headgate.toml", gateway.serving_pid()
    written = file.read_text(encoding="utf-8")
    file.write_text(f"{written}\n[server]\nprt = 1\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="ended with 1:") as failed:
        headgate("restart", "--data", gateway.data)
    file.write_text(written, encoding="utf-8")

    assert "the gateway goes on as before" in str(failed.value)
    assert "prt" in str(failed.value)
    assert asyncio.run(once(gateway, "after-failure"))[0] == 200
    assert gateway.serving_pid() == pid


@pytest.mark.slow
def test_another_key_comes_with_the_environment_of_the_command(restarted):
    """Only where that is asked for: else a shell without keys would take them from the gateway."""
    gateway, provider = restarted
    provider.check()
    provider.expected.key = "lab-key-of-tomorrow"

    def has_new_key(mark):
        asyncio.run(once(gateway, mark))
        wrong, provider.ledger.problems = provider.ledger.problems, []
        return not wrong

    headgate("restart", "--data", gateway.data, variables={"LAB_KEY": "lab-key-of-tomorrow"})
    assert not has_new_key("old-key")
    told = headgate("restart", "--environment", "--json", "--data", gateway.data, variables={"LAB_KEY": "lab-key-of-tomorrow"})
    assert has_new_key("new-key")
    os.kill(json.loads(told)["pid"], signal.SIGKILL)
    until(lambda: "started again" in gateway.log)
    until(gateway.is_ready)
    assert has_new_key("new-key-after-a-crash")


def start_on(listening, gateway):
    """A gateway as systemd starts it, with the socket of its port as descriptor 3."""
    words = [sys.executable, "-m", "headgate", "up", "--data", gateway.data, "--config", str(gateway.folder / "headgate.toml")]
    script = f'exec 3<&{listening.fileno()}; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
    with open(gateway.folder / "gateway.log", "ab") as log:
        gateway.process = subprocess.Popen(
            ["bash", "-c", script, "bash", *words], pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            env=environment(), start_new_session=True, cwd=ROOT,
        )  # fmt: skip


@pytest.mark.slow
def test_where_systemd_keeps_the_port_a_stop_and_a_start_refuse_no_connection(tmp_path):
    """A client that comes while the old gateway finishes a stream waits, and the next one answers it."""
    with lab_provider() as provider, socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        provider.answer = answer
        gateway = Gateway(tmp_path, ALONE + UPSTREAM.format(url=provider.url, openai_url=provider.openai_url), port=listening.getsockname()[1])
        (tmp_path / "headgate.toml").write_text(gateway.config, encoding="utf-8")
        try:
            start_on(listening, gateway)
            until(gateway.is_ready)
            gateway.token, _ = gateway.create_token()
            asyncio.run(stop_and_start(gateway, lambda: start_on(listening, gateway)))
            assert gateway.stop() == 0
        finally:
            gateway.kill_all()
    assert "systemd gives the port: http://127.0.0.1:" in gateway.log


async def stop_and_start(gateway, start):
    """As `systemctl restart`, in the middle of a stream; clients come all the time."""
    streaming = Client(gateway)
    stream = asyncio.create_task(streaming.ask(ANTHROPIC, "slow-one", stream=True))
    await asyncio.sleep(1.0)
    gateway.process.send_signal(signal.SIGTERM)
    comers = []
    while gateway.process.poll() is None:
        comers.append(asyncio.create_task(once(gateway, f"meanwhile-{len(comers)}")))
        await asyncio.sleep(0.2)
    start()
    ended = [await stream, *await asyncio.gather(*comers)]
    await streaming.close()

    assert {status for status, _, _ in ended} == {200}
    assert len(comers) > 5


@pytest.mark.kill
def test_two_hundred_restarts_under_load(tmp_path):
    """A hundred streams and two hundred requests a second. `RESTARTS` sets how many."""
    with lab_provider() as provider, running(tmp_path / "gateway", provider, CONFIG) as gateway:
        provider.answer = answer
        clients = asyncio.run(loop(gateway, RESTARTS, steady=40, fresh=10, streams=100, pause_s=0.25))
        check(gateway, provider, clients)
