"""The units of a gateway under systemd: its service, within a sandbox, and the socket of its port. Pure text.

systemd owns the port, so that it stays open while the service is stopped and started: clients that connect meanwhile wait (systemd.socket(5)). What is
switched off is named by `systemd-analyze security`; docs/operations.md says what stays on, and why.
"""

from pathlib import Path
from typing import Final

import msgspec

NAME: Final = "headgate"
SOCKET: Final = f"{NAME}.socket"
SYSTEM_DATA: Final = "/var/lib/headgate"
MARK: Final = "Written by `headgate service install`, which replaces it."

_PROTECT_HOME = "ProtectHome=true"
_SANDBOX: Final = (
    "CapabilityBoundingSet=",
    "LockPersonality=true",
    "NoNewPrivileges=true",
    "PrivateDevices=true",
    "PrivateTmp=true",
    "ProtectClock=true",
    "ProtectControlGroups=true",
    _PROTECT_HOME,
    "ProtectHostname=true",
    "ProtectKernelLogs=true",
    "ProtectKernelModules=true",
    "ProtectKernelTunables=true",
    "ProtectProc=invisible",
    "ProtectSystem=strict",
    "RemoveIPC=true",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX",
    "RestrictNamespaces=true",
    "RestrictRealtime=true",
    "RestrictSUIDSGID=true",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    "SystemCallFilter=~@privileged",
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
)


class ServiceWishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a service is to run. `system`: for the whole machine, as `user`; else for the user who asks, whose home is `home`. Empty paths: none.

    `listen` is the address and port.
    """

    system: bool
    command: tuple[str, ...]
    data: str
    config: str = ""
    keys: str = ""
    user: str = ""
    home: str = ""
    uid: int = 0
    listen: str = "127.0.0.1:8484"


def service_unit(wishes: ServiceWishes) -> str:
    """`headgate.service`."""
    environment = [f"HEADGATE_DATA={wishes.data}", *([f"HEADGATE_CONFIG={wishes.config}"] if wishes.config else [])]
    lines = [
        f"# {MARK}",
        "[Unit]",
        "Description=Headgate",
        f"Requires={SOCKET}",
        f"After=network-online.target {SOCKET}",
        "Wants=network-online.target",
        "",
        "[Service]",
        *(_of_system(wishes) if wishes.system else ()),
        f"Environment={' '.join(_quoted(each) for each in environment)}",
        *([f"EnvironmentFile=-{wishes.keys}"] if wishes.keys else []),
        f"ExecStart={_command(wishes, 'up')}",
        f"ExecReload={_command(wishes, 'restart', '--environment')}",
        "Restart=always",
        "KillMode=mixed",
        "TimeoutStopSec=120",
        "LimitNOFILE=65536",
        *(_sandbox(wishes) if wishes.system else ("NoNewPrivileges=true",)),
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if wishes.system else 'default.target'}",
    ]
    return "\n".join(lines) + "\n"


def socket_unit(wishes: ServiceWishes) -> str:
    """`headgate.socket`."""
    lines = [
        f"# {MARK}",
        "[Unit]",
        "Description=The port of Headgate",
        "",
        "[Socket]",
        f"ListenStream={wishes.listen}",
        "Backlog=2048",
        "NoDelay=true",
        "",
        "[Install]",
        "WantedBy=sockets.target",
    ]
    return "\n".join(lines) + "\n"


def _command(wishes: ServiceWishes, *words: str) -> str:
    return " ".join(_quoted(each).replace("$", "$$") for each in (*wishes.command, *words))  # variables are read in commands alone


def _of_system(wishes: ServiceWishes) -> tuple[str, ...]:
    state = (f"StateDirectory={NAME}", "StateDirectoryMode=0700") if wishes.data == SYSTEM_DATA else ()
    return (f"User={wishes.user}", *state)


def _sandbox(wishes: ServiceWishes) -> list[str]:
    """What the processes may not do; they may write to the data directory, and homes stay visible where it is or the program runs from one."""
    at_home = any(Path(path).is_relative_to(home) for path in (wishes.data, wishes.command[0]) for home in ("/home", "/root"))
    lines = [line for line in _SANDBOX if not (at_home and line == _PROTECT_HOME)]
    return lines if wishes.data == SYSTEM_DATA else [*lines, f"ReadWritePaths={_quoted(wishes.data)}"]


def _quoted(word: str) -> str:
    """A word as systemd reads it: specifiers doubled, in quotes where it has spaces."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if any(character.isspace() for character in word) or plain != word else word
