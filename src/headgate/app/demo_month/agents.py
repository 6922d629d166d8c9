"""How each agent of the demo looks in a record: its wire format, its versions, how it caches, and how large its requests are.

The forms are those of `policy.attribute` and of the agents' own requests; the sizes are what such sessions usually have.
"""

from typing import Final

import msgspec

from headgate.app.demo_month.cast import (
    CLAUDE_CODE,
    CODEX,
    CURSOR,
    GEMINI_CLI,
    GEMINI_FLASH,
    GEMINI_PRO,
    GPT,
    HAIKU,
    IN_HOUSE,
    OPENCODE,
    OPUS,
    SONNET,
)


class AgentShape(msgspec.Struct, frozen=True, kw_only=True):
    """One agent. `versions` are the ones of this month, the oldest first. `models` have weights. `first_context` are the tokens of instructions and tools.

    `side_model` is a small model that it asks beside the conversation. `tools` are its names for tools, by what they do; `surfaces`
    the products that its user agent names, by where it runs.
    """

    dialect: str
    api_type: str
    path: str
    user_agent: str
    versions: tuple[str, ...]
    models: dict[str, float]
    first_context: int
    context_max: int
    side_model: str = ""
    names_sessions: bool = True  # and takes headers, so that it can send tags
    names_turns: bool = False
    tools: dict[str, str] = {}
    surfaces: dict[str, str] = {}


SHAPES: Final = {
    CLAUDE_CODE: AgentShape(
        dialect="anthropic",
        api_type="anthropic/v1/messages",
        path="/anthropic/v1/messages",
        user_agent="{product}/{version} (external, {surface})",
        versions=("2.1.318", "2.1.324", "2.1.330"),
        models={SONNET: 0.66, OPUS: 0.34},
        first_context=17_400,
        context_max=158_000,
        side_model=HAIKU,
        names_turns=True,
        tools={"read": "Read", "search": "Grep", "run": "Bash", "edit": "Edit", "write": "Write", "subagent": "Task"},
        surfaces={"cli": "claude-cli", "claude-vscode": "claude-cli", "sdk-cli": "claude-cli"},
    ),
    CODEX: AgentShape(
        dialect="openai_responses",
        api_type="openai/v1/responses",
        path="/openai/v1/responses",
        user_agent="{product}/{version} (Ubuntu 24.4.0; x86_64)",
        versions=("0.160.0", "0.166.1", "0.169.0"),
        models={GPT: 1.0},
        first_context=9_600,
        context_max=240_000,
        names_turns=True,
        tools={"read": "shell", "search": "shell", "run": "shell", "edit": "apply_patch", "write": "apply_patch"},
        surfaces={"tui": "codex-tui", "vscode": "codex_vscode", "exec": "codex_exec"},
    ),
    GEMINI_CLI: AgentShape(
        dialect="gemini",
        api_type="gemini/v1/generateContent",
        path="/gemini/v1beta/models/{model}:streamGenerateContent",
        user_agent="{product}/{version}/{model} (linux; x64; terminal)",
        versions=("0.58.0", "0.61.0"),
        models={GEMINI_PRO: 0.7, GEMINI_FLASH: 0.3},
        first_context=8_200,
        context_max=400_000,
        side_model=GEMINI_FLASH,
        tools={"read": "read_file", "search": "search_file_content", "run": "run_shell_command", "edit": "replace", "write": "write_file"},
        surfaces={"cli": "GeminiCLI", "vscode": "GeminiCLI-vscode"},
    ),
    CURSOR: AgentShape(
        dialect="cursor",
        api_type="cursor/v1/chat/completions",
        path="/cursor/v1/chat/completions",
        user_agent="{product}/{version}",
        versions=("2.2.14", "2.3.1"),
        models={SONNET: 0.6, GPT: 0.4},
        first_context=6_800,
        context_max=110_000,
        names_sessions=False,
        surfaces={"": "Cursor"},
    ),
    OPENCODE: AgentShape(
        dialect="openai_chat",
        api_type="openai/v1/chat/completions",
        path="/openai/v1/chat/completions",
        user_agent="{product}/{version} ai-sdk/provider-utils/3.0.12 runtime/bun/1.3.1",
        versions=("1.18.2", "1.18.9"),
        models={GPT: 0.72, IN_HOUSE: 0.28},
        first_context=8_900,
        context_max=180_000,
        tools={"read": "read", "search": "grep", "run": "bash", "edit": "edit", "write": "write"},
        surfaces={"": "opencode"},
    ),
}


class ModelPace(msgspec.Struct, frozen=True):
    """How fast a model is: milliseconds to the first token, and for a thousand tokens of fresh input more; output tokens a second; share of reasoning."""

    first_token_ms: int
    per_thousand_ms: float
    output_per_s: float
    reasoning: float = 0.0


PACES: Final = {
    OPUS: ModelPace(1_350, 9.0, 58.0),
    SONNET: ModelPace(920, 7.0, 74.0),
    HAIKU: ModelPace(420, 3.5, 148.0),
    GPT: ModelPace(1_480, 8.0, 82.0, 0.42),
    GEMINI_PRO: ModelPace(1_750, 6.0, 96.0, 0.35),
    GEMINI_FLASH: ModelPace(560, 2.5, 190.0, 0.15),
    IN_HOUSE: ModelPace(380, 30.0, 41.0),
}
