"""A gateway as a service of the system: the file that systemd or launchd reads, and the commands that make it start, stop and report. Pure text.

A service of the system runs as a user of its own and starts with the machine. A service of a user needs no administrator.
"""

import shlex
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import msgspec

NAME: Final = "headgate"
LABEL: Final = "org.headgate.gateway"  # how launchd names it
SYSTEM_DATA: Final = "/var/lib/headgate"
MARK: Final = "Written by `headgate service install`, which replaces it."

Command = tuple[str, ...]

_HARDENING = ("NoNewPrivileges=true", "PrivateTmp=true", "ProtectHome=true", "ProtectSystem=strict")


class ServiceWishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a service is to run. `system`: for the whole machine, as `user`; else for the user who asks, whose home is `home`. Empty paths: none."""

    system: bool
    command: Command
    data: str
    config: str = ""
    keys: str = ""
    user: str = ""
    home: str = ""
    uid: int = 0


class ServicePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The file with its content, the commands around it, and what a person types to see the log. `status` ends with 0 while the service runs."""

    manager: str
    file: str
    text: str
    start: tuple[Command, ...]
    stop: tuple[Command, ...]
    after_removal: tuple[Command, ...]
    status: Command
    log: str
    notes: tuple[str, ...] = ()


def systemd_plan(wishes: ServiceWishes) -> ServicePlan:
    """For systemd."""
    scope: Command = () if wishes.system else ("--user",)
    folder = "/etc/systemd/system" if wishes.system else f"{wishes.home}/.config/systemd/user"
    log = f"journalctl{'' if wishes.system else ' --user'} -u {NAME} -f"
    lingers = () if wishes.system else ("It runs while you are signed in. To have it run always: loginctl enable-linger",)
    return ServicePlan(
        manager="systemd",
        file=f"{folder}/{NAME}.service",
        text=_unit(wishes),
        start=(("systemctl", *scope, "daemon-reload"), ("systemctl", *scope, "enable", NAME), ("systemctl", *scope, "restart", NAME)),
        stop=(("systemctl", *scope, "disable", "--now", NAME),),
        after_removal=(("systemctl", *scope, "daemon-reload"),),
        status=("systemctl", *scope, "is-active", "--quiet", NAME),
        log=log,
        notes=lingers,
    )


def launchd_plan(wishes: ServiceWishes) -> ServicePlan:
    """For launchd, which is macOS's."""
    folder = "/Library/LaunchDaemons" if wishes.system else f"{wishes.home}/Library/LaunchAgents"
    file, domain = f"{folder}/{LABEL}.plist", "system" if wishes.system else f"gui/{wishes.uid}"
    log = "/var/log/headgate.log" if wishes.system else f"{wishes.home}/Library/Logs/headgate.log"
    keys = (f'launchd reads no file of keys: write them as api_key = "file:…" into the configuration, not into {wishes.keys}',) if wishes.keys else ()
    return ServicePlan(
        manager="launchd",
        file=file,
        text=_plist(wishes, log),
        start=(("launchctl", "bootstrap", domain, file),),
        stop=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
        after_removal=(),
        status=("launchctl", "print", f"{domain}/{LABEL}"),
        log=f"tail -f {shlex.quote(log)}",
        notes=keys,
    )


def _unit(wishes: ServiceWishes) -> str:
    environment = [f"HEADGATE_DATA={wishes.data}", *([f"HEADGATE_CONFIG={wishes.config}"] if wishes.config else [])]
    lines = [
        f"# {MARK}",
        "[Unit]",
        "Description=Headgate",
        "After=network-online.target",
        "Wants=network-online.target",
        "",
        "[Service]",
        *(_of_system(wishes) if wishes.system else ()),
        f"Environment={' '.join(_quoted(each) for each in environment)}",
        *([f"EnvironmentFile=-{wishes.keys}"] if wishes.keys else []),
        f"ExecStart={' '.join(_quoted(each).replace('$', '$$') for each in (*wishes.command, 'up'))}",  # variables are read in commands alone
        "ExecReload=/bin/kill -HUP $MAINPID",
        "Restart=always",
        "KillMode=mixed",
        "TimeoutStopSec=120",
        "LimitNOFILE=65536",
        *(_hardening(wishes) if wishes.system else ("NoNewPrivileges=true",)),
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if wishes.system else 'default.target'}",
    ]
    return "\n".join(lines) + "\n"


def _of_system(wishes: ServiceWishes) -> tuple[str, ...]:
    state = (f"StateDirectory={NAME}", "StateDirectoryMode=0700") if wishes.data == SYSTEM_DATA else ()
    return (f"User={wishes.user}", *state)


def _hardening(wishes: ServiceWishes) -> list[str]:
    """What the process may not do; it may write to its data directory, and homes stay visible where it is or runs from one."""
    at_home = any(Path(path).is_relative_to(home) for path in (wishes.data, wishes.command[0]) for home in ("/home", "/root"))
    lines = [line for line in _HARDENING if not (at_home and line.startswith("ProtectHome"))]
    return lines if wishes.data == SYSTEM_DATA else [*lines, f"ReadWritePaths={_quoted(wishes.data)}"]


def _quoted(word: str) -> str:
    """A word as systemd reads it: specifiers doubled, in quotes where it has spaces."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if any(character.isspace() for character in word) or plain != word else word


def _plist(wishes: ServiceWishes, log: str) -> str:
    words = "".join(f"    <string>{escape(word)}</string>\n" for word in (*wishes.command, "up"))
    variables = {"HEADGATE_DATA": wishes.data, **({"HEADGATE_CONFIG": wishes.config} if wishes.config else {})}
    environment = "".join(f"    <key>{name}</key><string>{escape(value)}</string>\n" for name, value in variables.items())
    user = f"  <key>UserName</key><string>{escape(wishes.user)}</string>\n" if wishes.system else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        f"<!-- {MARK} -->\n"
        '<plist version="1.0"><dict>\n'
        f"  <key>Label</key><string>{LABEL}</string>\n"
        f"{user}"
        f"  <key>ProgramArguments</key><array>\n{words}  </array>\n"
        f"  <key>EnvironmentVariables</key><dict>\n{environment}  </dict>\n"
        "  <key>RunAtLoad</key><true/>\n"
        "  <key>KeepAlive</key><true/>\n"
        "  <key>ExitTimeOut</key><integer>120</integer>\n"
        f"  <key>StandardOutPath</key><string>{escape(log)}</string>\n"
        f"  <key>StandardErrorPath</key><string>{escape(log)}</string>\n"
        "</dict></plist>\n"
    )
