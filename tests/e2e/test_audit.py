"""The audit table over a real server: by SQL, verified, tampered with, and over kills."""

import json
import subprocess

import pytest
from deltalake import DeltaTable

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.documented import block
from tests.e2e.forked_commands import command_folder
from tests.e2e.lab import environment, headgate, lab_provider, running, until

REFUSALS = block("audit-refusals", "docs/audit.md").text
COMMANDS = block("audit-commands", "docs/audit.md").text


@pytest.fixture
def gateway(tmp_path):
    """A gateway before a provider."""
    with lab_provider() as provider, running(tmp_path, provider) as made:
        yield made


def table(gateway):
    """Where the table is."""
    return f"{gateway.data}/warehouse/system/access/audit"


def verified(gateway):
    """The exit code and the verdict."""
    ran = subprocess.run(
        [str(command_folder() / "headgate"), "audit", "verify", "--json", "--data", gateway.data],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, json.loads(ran.stdout)


def created(gateway, user):
    """The rows of tokens made for a user, by SQL."""
    asked = f"SELECT * FROM system.access.audit WHERE action_name = 'generateDbToken' AND request_params['user'] = '{user}'"
    return json.loads(headgate("sql", asked, "--json", "--data", gateway.data))


def until_written(gateway, count):
    """Until the table itself has so many rows."""
    until(lambda: DeltaTable.is_deltatable(table(gateway)) and DeltaTable(table(gateway)).count() >= count)


def test_what_the_page_says_is_there_and_holds(gateway):
    """A token made by a command is in the table by SQL, the commands of the page work, and what is tampered with is found."""
    gateway.create_token("pipeline", "ben@example.com")
    for line in COMMANDS.strip().splitlines():
        ran = subprocess.run(
            ["bash", "-c", line.replace("headgate ", f"{command_folder()}/headgate ", 1)], env=environment() | {"HEADGATE_DATA": gateway.data},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, (line, ran.stderr)
    until(lambda: created(gateway, "ben@example.com")[0]["chain_sequence"] is not None)
    row = created(gateway, "ben@example.com")[0]
    assert row["user_identity"]["email"].startswith("os:")
    assert row["chain_sequence"] >= 1
    code, verdict = verified(gateway)
    assert (code, verdict["holds"]) == (0, True)

    gateway.stop()
    found = DeltaTable(table(gateway))
    found.alter.set_table_properties({"delta.appendOnly": "false"})
    found.delete(f"event_id = '{row['event_id']}'")
    code, verdict = verified(gateway)
    assert (code, verdict["holds"]) == (1, False)
    assert "removed" in verdict["breaks"][0]["what"]


def test_a_kill_loses_nothing_and_doubles_nothing(gateway):
    """Acts while the gateway runs, while everything is killed, and while nothing runs: each has one row."""
    for number in range(2):
        gateway.create_token(f"a{number}", f"user{number}@example.com")
        gateway.kill_all()
        gateway.create_token(f"b{number}", f"user{number}@example.com")
        gateway.start()
    until_written(gateway, 6)
    for number in range(2):
        assert sorted(row["request_params"]["token_name"] for row in created(gateway, f"user{number}@example.com")) == [f"a{number}", f"b{number}"]
    rows = json.loads(headgate("sql", "SELECT event_id FROM system.access.audit", "--json", "--data", gateway.data))
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert verified(gateway)[0] == 0


def changes_of_the_file(gateway):
    """The event of each change of the file, by the status that it was answered with."""
    listed = json.loads(headgate("audit", "list", "--action", "updateConfiguration", "--json", "--data", gateway.data) or "[]")
    return {row["response"]["status_code"]: row for row in listed}


def test_a_changed_file_has_its_event(gateway):
    """With what differs; a refused one with why."""
    file = gateway.folder / "headgate.toml"
    text = file.read_text(encoding="utf-8")
    for changed, status in (("[previews]\nopentelemetry = false\n" + text, 200), ("[previews]\nopentelemetri = false\n" + text, 400)):
        file.write_text(changed, encoding="utf-8")
        until(lambda status=status: status in changes_of_the_file(gateway))
        row = changes_of_the_file(gateway)[status]
        if status == 200:
            assert json.loads(row["after"]) == {"previews": {"opentelemetry": False}}
        else:
            assert "did you mean 'opentelemetry'" in row["response"]["error_message"]


def test_refusals_are_counted(gateway):
    """By SQL, with who was refused what; a flood of them has a few rows."""
    token, _ = headgate_token(gateway, "narrow", "--user", "ben@example.com", "--allow", "gpt-*")
    for key in [token] * 20 + ["hg_wrong"] * 20:
        with Asking(gateway.url, key, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False)) as asking:
            assert asking.status in {401, 403}
            asking.rest()
    found = json.loads(headgate("sql", REFUSALS, "--json", "--data", gateway.data))
    assert [row["who"] for row in found if row["code"] == "endpoint_not_allowed"] == ["ben@example.com"]
    gateway.stop()
    found = json.loads(headgate("sql", REFUSALS, "--json", "--data", gateway.data))
    assert {row["who"]: int(row["refusals"]) for row in found} == {"ben@example.com": 20, None: 20}
    rows = json.loads(headgate("audit", "list", "--action", "messages", "--json", "--data", gateway.data))
    assert sorted(row["occurrences"] for row in rows) == [1, 1, 19, 19]
    told = json.dumps(rows)
    assert token not in told
    assert "hg_wrong" not in told
    assert verified(gateway)[0] == 0


def headgate_token(gateway, *arguments):
    """A token as a command makes it, and its id."""
    made = json.loads(headgate("token", "create", *arguments, "--data", gateway.data, "--json"))
    return made["token"], made["token_id"]
