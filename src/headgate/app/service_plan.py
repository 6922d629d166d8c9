"""A gateway as a service of the system: the file that systemd or launchd reads, and the commands that make it start, stop and report. Pure text.

A service of the system runs as a user of its own and starts with the machine. A service of a user needs no administrator.
"""

import shlex
from typing import Final
from xml.sax.saxutils import escape

import msgspec

from headgate.app.systemd_units import MARK, NAME, SOCKET, ServiceWishes, service_unit, socket_unit

LABEL: Final = "org.headgate.gateway"  # how launchd names it
Command = tuple[str, ...]


class ServicePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The file with its content, others beside it, the commands around them, and what a person types to see the log. `status` ends with 0 while the service runs."""

    manager: str
    file: str
    text: str
    start: tuple[Command, ...]
    stop: tuple[Command, ...]
    after_removal: tuple[Command, ...]
    status: Command
    log: str
    notes: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


def systemd_plan(wishes: ServiceWishes) -> ServicePlan:
    """For systemd."""
    scope: Command = () if wishes.system else ("--user",)
    folder = "/etc/systemd/system" if wishes.system else f"{wishes.home}/.config/systemd/user"
    log = f"journalctl{'' if wishes.system else ' --user'} -u {NAME} -f"
    lingers = () if wishes.system else ("It runs while you are signed in. To have it run always: loginctl enable-linger",)
    return ServicePlan(
        manager="systemd",
        file=f"{folder}/{NAME}.service",
        text=service_unit(wishes),
        others=((f"{folder}/{SOCKET}", socket_unit(wishes)),),
        start=(
            ("systemctl", *scope, "daemon-reload"),
            ("systemctl", *scope, "enable", SOCKET, NAME),
            ("systemctl", *scope, "start", SOCKET),
            ("systemctl", *scope, "restart", NAME),
        ),
        stop=(("systemctl", *scope, "disable", "--now", SOCKET, NAME),),
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
