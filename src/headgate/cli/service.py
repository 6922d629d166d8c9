"""`headgate service install|status|remove`: the gateway as a service of systemd or launchd, for this machine or for one user."""

import os
import pwd
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from headgate.app.service_plan import ServicePlan, launchd_plan, systemd_plan
from headgate.app.systemd_units import MARK, SYSTEM_DATA, ServiceWishes
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text
from headgate.config.load import server_settings
from headgate.config.paths import data_directory
from headgate.config.schema import Server
from headgate.core.errors import BadRequest, Forbidden, NotFound, Unavailable
from headgate.core.escaping import escaped

app = typer_app("Run the gateway as a service of systemd or launchd.")

_ROOT = 0
_CONFIGURED = Path("/etc/headgate")

ScopeOption = Annotated[
    bool | None,
    typer.Option("--system/--user", help="A service of this machine, or of you alone. By default of the machine for root, else yours."),
]


@app.command()
@reports_errors
def install(
    system: ScopeOption = None,
    run_as: Annotated[str, typer.Option("--run-as", metavar="NAME", help="User that a service of the machine runs as. It must exist.")] = "headgate",
    data: DataOption = "",
    config: Annotated[str, typer.Option("--config", metavar="FILE", envvar="HEADGATE_CONFIG", help="Configuration file of the service.")] = "",
    keys: Annotated[
        str,
        typer.Option(
            "--keys", metavar="FILE", help="File with the providers' keys, one NAME=VALUE a line. By default keys.env beside the configuration."
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the file and the commands, and change nothing.")] = False,
) -> None:
    """Install the gateway as a service, and start it. Makes the data directory, and replaces a service that it installed before."""
    wishes = _wishes(_is_system(system), run_as, data, config, keys)
    plan = _plan(wishes, needed=not dry_run)
    if dry_run:
        for file, text in _files(plan):
            print(f"{file}:\n")
            print(text)
        for command in plan.start:
            print(shlex.join(command))
        return
    _may_change(wishes.system)
    owner = _owner(wishes)
    _refuse_foreign(plan)
    _make_folder(Path(wishes.data), owner, wishes)
    if wishes.system:
        _make_file(Path(wishes.config), 0o644, "empty: every setting has a default")
        _make_file(Path(wishes.keys), 0o600, "for the providers' keys, one line each, such as ANTHROPIC_API_KEY=…; then restart the service")
    was_there = os.path.exists(plan.file)
    os.makedirs(os.path.dirname(plan.file), exist_ok=True)
    for file, text in _files(plan):
        Path(file).write_text(text, encoding="utf-8")
    _say(f"{'Replaced' if was_there else 'Wrote'} {plan.file}.")
    if plan.manager == "launchd" and was_there:
        _run(plan.stop, must=False)
    _run(plan.start)
    _say(f"Started. Its log: {plan.log}", *plan.notes, f"Is it running: {_typed('status', wishes)}", f"Sign in: {_sign_in(wishes)}")


@app.command()
@reports_errors
def status(system: ScopeOption = None, as_json: JsonOption = False) -> None:
    """Say whether the service is installed and runs. Exit code 1 if it does not run."""
    plan = _plan(_wishes(_is_system(system), "", "", "", ""))
    installed = os.path.exists(plan.file)
    running = installed and subprocess.run(plan.status, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    if as_json:
        print(json_text({"installed": installed, "running": running, "file": plan.file, "log": plan.log}))
    elif not installed:
        _say(f"Not installed: there is no {plan.file}.")
    else:
        _say(f"{plan.file} is installed, and {'runs' if running else 'does not run'}. Its log: {plan.log}")
    if not running:
        raise typer.Exit(1)


@app.command()
@reports_errors
def remove(
    system: ScopeOption = None, dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands, and change nothing.")] = False
) -> None:
    """Stop the service and remove it. The data directory, the configuration and the keys stay."""
    wishes = _wishes(_is_system(system), "", "", "", "")
    plan = _plan(wishes)
    if not os.path.exists(plan.file):
        raise NotFound(f"Not installed: there is no {plan.file}.")
    _refuse_foreign(plan)
    if dry_run:
        for command in (*plan.stop, ("rm", *(file for file, _ in _files(plan))), *plan.after_removal):
            print(shlex.join(command))
        return
    _may_change(wishes.system)
    _run(plan.stop, must=False)
    for file, _ in _files(plan):
        Path(file).unlink(missing_ok=True)
    _run(plan.after_removal, must=False)
    _say(f"Stopped, and removed {plan.file}. The data directory, the configuration and the keys are still there.")


def _files(plan: ServicePlan) -> tuple[tuple[str, str], ...]:
    return ((plan.file, plan.text), *plan.others)


def _is_system(asked: bool | None) -> bool:
    return os.geteuid() == _ROOT if asked is None else asked


def _wishes(system: bool, run_as: str, data: str, config: str, keys: str) -> ServiceWishes:
    home = Path.home()
    configured = _CONFIGURED if system else home / ".config" / "headgate"
    named = SYSTEM_DATA if system and not data else data
    written = os.path.abspath(config) if config else str(configured / "headgate.toml")
    return ServiceWishes(
        system=system,
        command=_command(),
        data=str(data_directory(named, os.environ).root),
        config=written if config or system or os.path.exists(written) else "",
        keys=os.path.abspath(keys) if keys else str(configured / "keys.env"),
        user=run_as,
        home=str(home),
        uid=os.geteuid(),
        listen=_listen(written),
    )


def _listen(config: str) -> str:
    """Where the configuration file has it listen."""
    server = server_settings(config, {}) if os.path.exists(config) else Server()
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


def _command() -> tuple[str, ...]:
    """How this Headgate is started: by the command beside its Python."""
    beside = Path(sys.executable).parent / "headgate"
    return (str(beside),) if beside.exists() else (sys.executable, "-m", "headgate")


def _plan(wishes: ServiceWishes, *, needed: bool = True) -> ServicePlan:
    """The plan for this machine. Raises Unavailable where the manager of services is needed and there is none."""
    if sys.platform == "darwin":
        return launchd_plan(wishes)
    if needed and shutil.which("systemctl") is None:
        typed = shlex.join((*wishes.command, "up", "--data", wishes.data))
        raise Unavailable(
            f"This machine has neither systemd nor launchd. Have its own supervisor keep this command running: {typed}. "
            "SIGTERM ends it in order, which takes up to two minutes; SIGHUP makes it read its configuration again."
        )
    return systemd_plan(wishes)


def _may_change(system: bool) -> None:
    if system and os.geteuid() != _ROOT:
        raise Forbidden(f"A service of the machine needs root. Run: sudo {shlex.join(sys.argv)}, or install one of your own with --user.")


def _owner(wishes: ServiceWishes) -> tuple[int, int]:
    """The user and group of the data directory."""
    if not wishes.system:
        return os.geteuid(), os.getegid()
    try:
        found = pwd.getpwnam(wishes.user)
    except KeyError as error:
        made = f"useradd --system --home-dir {SYSTEM_DATA} --shell /usr/sbin/nologin {wishes.user}"
        raise NotFound(f"There is no user {wishes.user} on this machine. Make it: {made}, or name another one with --run-as.") from error
    return found.pw_uid, found.pw_gid


def _refuse_foreign(plan: ServicePlan) -> None:
    if os.path.exists(plan.file) and MARK not in Path(plan.file).read_text(encoding="utf-8", errors="replace"):
        raise BadRequest(f"{plan.file} is there already, and was not written by `headgate service install`: it is left alone. Move it away first.")


def _make_folder(folder: Path, owner: tuple[int, int], wishes: ServiceWishes) -> None:
    if folder.exists():
        uid = folder.stat().st_uid
        if uid != owner[0]:
            raise Forbidden(
                f"{folder} belongs to user {uid}, and the service would run as {wishes.user or 'you'}. Run: chown -R {wishes.user} {folder}"
            )
        return
    folder.mkdir(mode=0o700, parents=True)
    os.chown(folder, *owner)
    _say(f"Made {folder}.")


def _make_file(path: Path, mode: int, what: str) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode)
        _say(f"Made {path}, {what}.")


def _run(commands: Sequence[Sequence[str]], *, must: bool = True) -> None:
    for command in commands:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode and must:
            raise Unavailable(f"`{shlex.join(command)}` failed with {done.returncode}: {done.stdout.strip() or 'without a word'}")


def _typed(word: str, wishes: ServiceWishes) -> str:
    return shlex.join((*wishes.command, "service", word, "--system" if wishes.system else "--user"))


def _sign_in(wishes: ServiceWishes) -> str:
    """The command that makes a sign-in link, as the service's user types it."""
    variables = [f"HEADGATE_DATA={wishes.data}", *([f"HEADGATE_CONFIG={wishes.config}"] if wishes.config else [])]
    who = ("sudo", "-u", wishes.user) if wishes.system else ()
    return shlex.join((*who, "env", *variables, *wishes.command, "token", "sign-in"))


def _say(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(f"{escaped(line)}\n")
