"""The `headgate` command and its sub-commands, each loaded only when it is used, so that help is immediate.

Data goes to standard output, messages to standard error. Exit codes: 0 done, 1 refused or failed with a reason, 2 the command line makes no sense.
"""

import importlib
import os
from collections.abc import Iterator, MutableMapping
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple, cast

import typer
from typer.core import TyperGroup

from headgate import __version__
from headgate.cli.failure_report import reports_bugs
from headgate.cli.output import accept_any_text
from headgate.core.build_kind import build_kind

COMPLETION_VARIABLE = "_HEADGATE_COMPLETE"  # set by the script of `headgate completion` when a shell asks for words
_SENSELESS: Any = typer.BadParameter.__mro__[1]  # what Typer raises for any command line that makes no sense; it has no public name


class CommandEntry(NamedTuple):
    """The module of a command, its line in the help, and the name in that module where it makes several."""

    module: str
    summary: str
    made_as: str = "app"

    def app(self) -> typer.Typer:
        """The command itself, loaded now."""
        found = getattr(importlib.import_module(self.module), self.made_as)
        return cast("typer.Typer", found)


COMMANDS = {
    "up": CommandEntry("headgate.cli.up", "Start the gateway."),
    "restart": CommandEntry("headgate.cli.restart", "Restart the gateway without refusing a connection."),
    "connect": CommandEntry("headgate.cli.connect", "Point agents at a gateway."),
    "disconnect": CommandEntry("headgate.cli.disconnect", "Undo `headgate connect`."),
    "run": CommandEntry("headgate.cli.run", "Start an agent with the gateway in its environment."),
    "login": CommandEntry("headgate.cli.login", "Sign in to a gateway."),
    "whoami": CommandEntry("headgate.cli.whoami", "Show who you are to a gateway."),
    "logout": CommandEntry("headgate.cli.logout", "Sign out of a gateway."),
    "statusline": CommandEntry("headgate.cli.statusline", "Print a line for Claude Code's status line."),
    "token": CommandEntry("headgate.cli.token", "Create, change, rotate and revoke tokens, and sign in."),
    "user": CommandEntry("headgate.cli.user", "Create, list, deactivate and delete users."),
    "service-principal": CommandEntry("headgate.cli.service_principal", "Create, list, deactivate and delete service principals."),
    "group": CommandEntry("headgate.cli.group", "Create groups, and say who is in them."),
    "role": CommandEntry("headgate.cli.role", "Give and take roles."),
    "endpoint": CommandEntry("headgate.cli.objects", "List and change endpoints.", "endpoint"),
    "grant": CommandEntry("headgate.cli.objects", "List and change grants.", "grant"),
    "limit": CommandEntry("headgate.cli.objects", "List and change rate limits.", "limit"),
    "budget": CommandEntry("headgate.cli.budget", "Show what is left of budgets, and change them."),
    "usage": CommandEntry("headgate.cli.usage", "Show usage and cost."),
    "policy": CommandEntry("headgate.cli.policy", "Explain what users may do."),
    "preview": CommandEntry("headgate.cli.preview", "Show previews and switch them on and off."),
    "audit": CommandEntry("headgate.cli.audit", "Show what was done and refused, and verify it."),
    "sql": CommandEntry("headgate.cli.sql", "Run SQL statements."),
    "telemetry": CommandEntry("headgate.cli.telemetry", "Make the tables of the agents' telemetry."),
    "table": CommandEntry("headgate.cli.table", "List, describe and maintain tables."),
    "service": CommandEntry("headgate.cli.service", "Run the gateway as a service of systemd or launchd."),
    "backup": CommandEntry("headgate.cli.backup", "Back up the data directory."),
    "restore": CommandEntry("headgate.cli.backup", "Restore a backup into a new data directory.", "restore_app"),
    "status": CommandEntry("headgate.cli.status", "Show whether the gateway is ready, and where it is."),
    "doctor": CommandEntry("headgate.cli.doctor", "Find what is wrong, and what to do about it."),
    "check": CommandEntry("headgate.cli.check", "Check the configuration, and say what was found."),
    "config": CommandEntry("headgate.cli.config", "Write and show the configuration."),
    "completion": CommandEntry("headgate.cli.completion", "Print a script that completes commands in a shell."),
}


class _Lazy(MutableMapping[str, Any]):
    """The commands as Typer expects them: names immediately, each command when it is looked up."""

    def __init__(self) -> None:
        self._extra: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # ruff: ignore[any-type] Typer's own type of a command is private
        if name in COMMANDS:
            return typer.main.get_command(COMMANDS[name].app())
        return self._extra[name]

    def __setitem__(self, name: str, command: Any) -> None:  # ruff: ignore[any-type] see above
        self._extra[name] = command

    def __delitem__(self, name: str) -> None:
        del self._extra[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*COMMANDS, *self._extra))

    def __len__(self) -> int:
        return len(COMMANDS) + len(self._extra)


class _Commands(TyperGroup):
    """The group of all commands. Its help is written from the table above, without loading one."""

    def __init__(self, **attributes: Any) -> None:  # ruff: ignore[any-type] passed on unchanged
        super().__init__(**attributes)
        self.commands = _Lazy()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # ruff: ignore[any-type] Typer's signature
        """Read the options before a command. `help COMMAND` and `version` are other words for options."""
        match args:
            case ["help", *words]:
                args = [*words, "--help"]
            case ["version"]:
                args = ["--version"]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # ruff: ignore[any-type] Typer's signature
        """Run a command. What does not make sense in its options is said in plain words."""
        try:
            return super().invoke(ctx)
        except _SENSELESS as error:
            error.message = error.message.replace("Value error, ", "")
            possible = getattr(error, "possibilities", None)
            if possible:
                error.possibilities = get_close_matches(error.option_name, possible, n=1) or possible
            raise

    def list_commands(self, ctx: Any) -> list[str]:  # ruff: ignore[any-type, unused-method-argument] Typer's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # ruff: ignore[any-type, unused-method-argument] Typer's signature
        """The section of commands in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


app = typer.Typer(
    cls=_Commands,
    name="headgate",
    help="Headgate: a self-hosted AI gateway for coding agents.",
    epilog="Begin with `headgate up`. Every option can also be set by a variable: HEADGATE_DATA, HEADGATE_TOKEN_CREATE_USER, …",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"auto_envvar_prefix": "HEADGATE", "help_option_names": ["-h", "--help"], "max_content_width": 120},
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"headgate {__version__} ({build_kind()})")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            callback=_print_version,
            is_eager=True,
            show_envvar=False,
            help="Print the version, and whether the build is pure or compiled, and end.",
        ),
    ] = False,
) -> None:
    """Options that come before a command."""


def main() -> int:
    """Run the command line. Returns the exit code, unless Typer has ended the process itself."""
    accept_any_text()
    return reports_bugs(_run)


def _run() -> int:
    if os.environ.get(COMPLETION_VARIABLE):
        importlib.import_module("typer.completion").completion_init()
    app(prog_name="headgate")
    return 0
