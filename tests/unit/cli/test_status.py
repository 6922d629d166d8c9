"""`headgate status`."""

import json

from typer.testing import CliRunner

from headgate import __version__
from headgate.cli.main import app
from tests.unit.cli.answering import answering
from tests.unit.cli.test_gateway_health import READY


def run(*arguments, **environ):
    """Runs the command without a login."""
    return CliRunner().invoke(app, ["status", *arguments], env={"XDG_CONFIG_HOME": "/nowhere", "HEADGATE_URL": "", "HEADGATE_DATA": "", **environ})


def test_this_machines_gateway(tmp_path):
    """Where it is, where its data is, and whether it is ready."""
    file = tmp_path / "headgate.toml"
    with answering({"/readyz": READY | {"warnings": ["Rows wait."]}}) as (url, _):
        file.write_text(f"[server]\nport = {url.rpartition(':')[2]}\n", encoding="utf-8")
        shown = run("--data", str(tmp_path), "--config", str(file))
        told = json.loads(run("--data", str(tmp_path), "--config", str(file), "--json").stdout)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        f"version   {__version__}",
        f"data      {tmp_path}",
        f"config    {file}",
        f"address   {url}",
        "state     ready",
        "warning   Rows wait.",
    ]
    assert told == {
        "version": __version__,
        "data": str(tmp_path),
        "config": str(file),
        "address": url,
        "ready": True,
        "reasons": [],
        "warnings": ["Rows wait."],
    }


def test_one_that_is_not_ready():
    """Why not; it ends with 1."""
    with answering({"/readyz": {"ready": False, "reasons": ["Headgate is shutting down."]}}, 503) as (url, _):
        shown = run("--url", url, HEADGATE_TOKEN="hg_x")
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (1, "state     not ready: Headgate is shutting down.")
    gone = run("--url", "http://127.0.0.1:1", "--json", HEADGATE_TOKEN="hg_x")
    assert (gone.exit_code, json.loads(gone.stdout)["reasons"][0].startswith("No gateway answers")) == (1, True)
