"""What `up` says."""

import re

import msgspec

from headgate.app.options import Ready
from headgate.cli.banner import Invocation, banner

FOUND = Ready(
    url="http://127.0.0.1:8484", data_dir="/home/ada/.local/share/headgate", config_path="/home/ada/headgate.toml",
    providers=[("anthropic", "ANTHROPIC_API_KEY", 16), ("lab", "headgate.toml", 0), ("ollama", "answers", 1)], endpoints=3, formats="Anthropic; Headgate translates all others",
    admin_token="hg_secret", sign_in_url="http://127.0.0.1:8484/login?t=abc", notes=["OPENAI_API_KEY is set but empty; ignored"],
)  # fmt: skip


def test_everything_found():
    """Addresses, what was found, and the next commands; home is `~`."""
    assert (
        banner(FOUND, 0.61, "/home/ada", False)
        == """\
✔ config     ~/headgate.toml
✔ store      ~/.local/share/headgate
✔ providers  anthropic (ANTHROPIC_API_KEY, 16 models)  lab (headgate.toml)  ollama (answers, 1 model)
✔ formats    Anthropic; Headgate translates all others
✔ endpoints  3 in headgate.toml
✔ listening  http://127.0.0.1:8484 in 0.6 s
! OPENAI_API_KEY is set but empty; ignored

Sign in        http://127.0.0.1:8484/login?t=abc   one-time link, 10 min
Admin token    hg_secret   shown once

Claude Code    ANTHROPIC_BASE_URL=http://127.0.0.1:8484/anthropic
Codex CLI      base_url = "http://127.0.0.1:8484/openai/v1"
Gemini CLI     GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8484/gemini
Cursor         http://127.0.0.1:8484/cursor/v1

Your agents    headgate connect   points those on this machine here
A token        headgate token create NAME   for each person or agent
What was used  headgate usage
What is there  headgate check
"""
    )


def test_nothing_found():
    """Without a file, a provider or a new token it says what to do, and no empty lines about what is not there."""
    nothing = msgspec.structs.replace(FOUND, config_path="", providers=[], formats="", endpoints=0, admin_token="", sign_in_url="", notes=[])
    text = banner(nothing, 0.2, "", False)
    assert "none found, using defaults (write one: headgate config init)" in text
    assert "! providers  none found; set ANTHROPIC_API_KEY" in text
    assert "--demo" in text
    assert not re.search(r"Admin token|endpoints", text)
    assert "headgate ready, but nothing to serve" in banner(nothing, 0.2, "", True)


def test_addresses_for_others():
    """Where the gateway listens on every address, its own are shown, which others can use."""
    text = banner(FOUND, 0.2, "", False, Invocation(reachable=("http://10.0.0.7:8484", "http://[2001:db8::7]:8484")))
    assert "✔ for others http://10.0.0.7:8484  http://[2001:db8::7]:8484\n" in text


def test_the_next_commands():
    """They can be typed as they stand: the program as it is found here, the data directory that is in use, the address where it is not the usual one."""
    later = msgspec.structs.replace(FOUND, url="http://127.0.0.1:9000", admin_token="", sign_in_url="")
    text = banner(later, 0.2, "/home/ada", False, Invocation(".venv/bin/headgate", "/home/ada/gate"))
    assert ".venv/bin/headgate token sign-in --url http://127.0.0.1:9000 --data ~/gate   prints a one-time link" in text
    assert ".venv/bin/headgate token create NAME --data ~/gate" in text
    assert ".venv/bin/headgate usage --data ~/gate\n" in text
    assert ".venv/bin/headgate check\n" in text
    assert "headgate token sign-in   prints" in banner(msgspec.structs.replace(later, url="http://127.0.0.1:8484"), 0.2, "", False)


def test_what_a_shell_would_split():
    """Paths stand in quotes where a shell would take them for something else; `check` is told the file and the demo that the start was told."""
    text = banner(FOUND, 0.2, "/home/ada", False, Invocation(data="/home/ada/my gate", config="/etc/a&b/gate.toml", demo=True))
    assert "headgate usage --data ~/'my gate'\n" in text
    assert "headgate check --config '/etc/a&b/gate.toml' --demo\n" in text


def test_the_frame():
    """On a terminal the second half stands in a frame whose lines are of one width."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", banner(FOUND, 0.6, "/home/ada", True)).splitlines()
    frame = [line for line in lines if line[:1] in "╭│╰" and line]
    assert "headgate ready" in frame[0]
    assert len({len(line) for line in frame}) == 1
    assert len(frame) == 14


def test_the_public_address():
    """Agents and links get the configured address; what it listens on is said as it is."""
    text = banner(msgspec.structs.replace(FOUND, public_url="https://gate.example", sign_in_url="", admin_token=""), 0.2, "", False)
    assert "listening  http://127.0.0.1:8484" in text
    assert "ANTHROPIC_BASE_URL=https://gate.example/anthropic" in text
    assert "headgate token sign-in --url https://gate.example " in text
    assert text.count("127.0.0.1") == 1


def test_how_many_clients_there_may_be():
    """The number is said, and where the system's limit of open files is what bounds it, how to raise that."""
    text = banner(msgspec.structs.replace(FOUND, connections_max=10_000, open_files_max=1 << 20), 0.2, "", False)
    assert "✔ clients    at most 10,000 connections\n" in text
    text = banner(msgspec.structs.replace(FOUND, connections_max=512, open_files_max=1024), 0.2, "", False)
    assert "✔ clients    at most 512 connections, half of the 1,024 files it may open; ulimit -n or LimitNOFILE= raises that\n" in text


def test_a_demo_says_what_it_writes():
    """The store fills itself, and how that is switched off; without it, nothing is said."""
    filling = msgspec.structs.replace(FOUND, demo_fills=True)

    assert "made-up month" in banner(filling, 0.2, "/home/ada", False)
    assert "HEADGATE_DEMO_FILL=false" in banner(filling, 0.2, "/home/ada", False)
    assert "made-up month" not in banner(FOUND, 0.2, "/home/ada", False)
