"""What on a machine keeps an agent from using its connection, each with what a user does about it. Judges what it is given; looks nowhere itself.

Measured with Claude Code 2.1.332, Codex 0.171.0 and Gemini CLI 0.61.0, except where a line names its source.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from headgate.agents.codex import PROFILE_FILES_SINCE
from headgate.agents.setting import Version
from headgate.agents.text_form import MISSING, Path, value_at

_CLAUDE_ELSEWHERE: Final = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
_CLAUDE_MANAGED: Final[tuple[Path, ...]] = (
    ("env", "ANTHROPIC_BASE_URL"),
    ("env", "ANTHROPIC_AUTH_TOKEN"),
    ("env", "ANTHROPIC_API_KEY"),
    ("env", "ANTHROPIC_MODEL"),
    ("apiKeyHelper",),
    ("forceLoginMethod",),
    ("availableModels",),
)
_OWN_HELPER: Final = "headgate token get"  # prints a token of the same user
_GEMINI_REWRITES_SINCE: Final = (0, 45)  # Databricks' own command line caps Gemini CLI below it for this reason


class Trap(msgspec.Struct, frozen=True):
    """What is in the way, and the fix."""

    problem: str
    fix: str


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a machine: the agent's version, the shell's variables, and the settings that count, by the place of their file.

    `own` are the user's, `managed` those of the whole machine, which win over the user's.
    """

    version: Version
    variables: Mapping[str, str]
    own: Mapping[str, Mapping[str, Any]]
    managed: Mapping[str, Mapping[str, Any]]
    model: str
    token: str
    url: str
    launched: bool = False  # with variables alone, so that its own files count as they are


def traps(word: str, machine: Machine) -> list[Trap]:
    """What is in the way of an agent on this machine."""
    return [trap for judge in _JUDGES.get(word, ()) for trap in judge(machine)]


def _set_variables(machine: Machine, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if machine.variables.get(name) and machine.variables[name] != machine.token]


def _unset(names: list[str]) -> str:
    return f"unset {' '.join(names)}"


def _claude_shell(machine: Machine) -> list[Trap]:
    found: list[Trap] = []
    if _set_variables(machine, ("ANTHROPIC_API_KEY",)):
        fix = 'unset ANTHROPIC_API_KEY, or add "ANTHROPIC_API_KEY": "" to env in ~/.claude/settings.json'
        found.append(Trap("ANTHROPIC_API_KEY is set in this shell. Claude Code then says “Invalid API key”.", fix))
    if elsewhere := _set_variables(machine, _CLAUDE_ELSEWHERE):
        found.append(Trap(f"{' and '.join(elsewhere)} in this shell sends Claude Code to another cloud.", _unset(elsewhere)))
    return found


def _claude_settings(machine: Machine) -> list[Trap]:
    found: list[Trap] = []
    for place, settings in machine.own.items():
        helper = value_at(settings, ("apiKeyHelper",))
        if helper is not MISSING and _OWN_HELPER not in str(helper):
            found.append(
                Trap(f"apiKeyHelper in {place} hides the token. Claude Code then says “Invalid API key”.", f"remove apiKeyHelper from {place}")
            )
        base_url = value_at(settings, ("env", "ANTHROPIC_BASE_URL"))
        if machine.launched and base_url is not MISSING and base_url != f"{machine.url}/anthropic":
            found.append(
                Trap(
                    f"env.ANTHROPIC_BASE_URL in {place} wins over the environment.",
                    f"remove it there, or use `headgate connect claude --url {machine.url}`",
                )
            )
    for place, settings in machine.managed.items():
        if names := [".".join(path) for path in _CLAUDE_MANAGED if value_at(settings, path) is not MISSING]:
            fix = "ask the administrator of this machine to change them, or use `headgate connect claude --scope managed`"
            found.append(Trap(f"{place} is managed and wins over your settings: it sets {', '.join(names)}.", fix))
    return found


def _codex(machine: Machine) -> list[Trap]:
    found: list[Trap] = []
    for place, settings in machine.own.items():
        if "profile" in settings and (not machine.version or machine.version >= PROFILE_FILES_SINCE):
            problem = f"profile = … in {place} ends Codex 0.134 and later with an error."
            found.append(Trap(problem, f"remove that line, and move [profiles.…] to files of their own beside {place}"))
        elif "profile" in settings:
            found.append(Trap(f"profile = … in {place} may choose another provider or model.", f"remove that line from {place}"))
    for place, settings in machine.managed.items():
        if names := [name for name in ("model_provider", "model", "model_providers") if name in settings]:
            found.append(Trap(f"{place} is managed: it sets {', '.join(names)}.", "ask the administrator of this machine to change them"))
    return found


def _gemini(machine: Machine) -> list[Trap]:
    found: list[Trap] = []
    names = ("GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GEMINI_MODEL", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA")
    if shell := _set_variables(machine, names):
        found.append(Trap(f"{', '.join(shell)} in this shell wins over ~/.gemini/.env.", _unset(shell)))
    for place, settings in machine.managed.items():
        auth = value_at(settings, ("security", "auth", "selectedType"))
        if auth is not MISSING and auth != "gemini-api-key":
            found.append(Trap(f"{place} is managed and chooses another way to sign in.", "ask the administrator of this machine to change it"))
    if not machine.model.startswith("gemini-") and (not machine.version or machine.version >= _GEMINI_REWRITES_SINCE):
        problem = f"Gemini CLI from 0.45 on asks for Gemini's own models beside {machine.model}."
        found.append(Trap(problem, "let the gateway serve gemini-* names too: an endpoint with the name gemini-*"))
    return found


def _shell_wins(*names: str) -> Callable[[Machine], list[Trap]]:
    def judge(machine: Machine) -> list[Trap]:
        shell = _set_variables(machine, names)
        return [Trap(f"{', '.join(shell)} in this shell wins over the file.", _unset(shell))] if shell else []

    return judge


_JUDGES: Final[Mapping[str, tuple[Callable[[Machine], list[Trap]], ...]]] = {
    "claude": (_claude_shell, _claude_settings),
    "codex": (_codex,),
    "gemini": (_gemini,),
    "qwen": (_shell_wins("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"),),
}

# Where the settings of the whole machine are, by agent.
MANAGED_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "claude": (
        "/etc/claude-code/managed-settings.json",
        "/etc/claude-code/managed-settings.d/*.json",
        "/Library/Application Support/ClaudeCode/managed-settings.json",
    ),
    "codex": ("/etc/codex/managed_config.toml", "/etc/codex/requirements.toml"),
    "gemini": ("/etc/gemini-cli/settings.json", "/Library/Application Support/GeminiCli/settings.json"),
}
