"""Which agents are on a machine, and which versions."""

from headgate.agents.registry import AGENTS
from headgate.cli.installed_agents import installed_agents


def program(path, text="#!/bin/sh\necho '1.2.3-beta (Agent)'\n"):
    """A program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def test_versions(tmp_path):
    """Of npm's package without starting the program; else of what it prints; none where it prints none."""
    package = tmp_path / "lib" / "node_modules" / "@google" / "gemini-cli"
    program(package / "bundle" / "gemini.js", "#!/bin/sh\nexit 7\n")
    (package / "package.json").write_text('{"version": "0.61.0", "bin": {"gemini": "bundle/gemini.js"}}', encoding="utf-8")
    bin_folder = tmp_path / "bin"
    program(bin_folder / "codex")
    program(bin_folder / "claude", "#!/bin/sh\necho broken >&2; exit 1\n")
    (bin_folder / "gemini").symlink_to(package / "bundle" / "gemini.js")
    found = installed_agents(AGENTS, {"PATH": f"{bin_folder}:/bin"})
    assert {word: (each.version_text, each.version) for word, each in found.items()} == {
        "gemini": ("0.61.0", (0, 61, 0)),
        "codex": ("1.2.3-beta", (1, 2, 3)),
        "claude": ("", ()),
    }
    assert installed_agents(AGENTS, {"PATH": str(tmp_path)}) == {}
