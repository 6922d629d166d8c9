"""The people of the demo, their groups, agents, models and repositories. Facts alone: nothing happens here."""

from typing import Final

import msgspec

CLAUDE_CODE: Final = "claude-code"
CODEX: Final = "codex"
GEMINI_CLI: Final = "gemini-cli"
CURSOR: Final = "cursor"
OPENCODE: Final = "opencode"

OPUS: Final = "claude-opus-4-6"
SONNET: Final = "claude-sonnet-4-6"
HAIKU: Final = "claude-haiku-4-5"
GPT: Final = "gpt-5.2"
GEMINI_PRO: Final = "gemini-2.5-pro"
GEMINI_FLASH: Final = "gemini-2.5-flash"
IN_HOUSE: Final = "acme-coder-2"  # served by the demo's second provider, and in no price list

PROVIDERS: Final = {
    OPUS: ("demo-anthropic", "anthropic"),
    SONNET: ("demo-anthropic", "anthropic"),
    HAIKU: ("demo-anthropic", "anthropic"),
    GPT: ("demo-openai", "openai"),
    IN_HOUSE: ("demo-openai", "openai"),
    GEMINI_PRO: ("demo-gemini", "gemini"),
    GEMINI_FLASH: ("demo-gemini", "gemini"),
}
"""The demo's provider of each model, and what it speaks."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who works with agents. `agents` are those that the person uses, the favourite first; `sessions` is how many a working day has.

    `telemetry` is off for the one who never switched it on. `bypasses` is the one whose agent also talks to its provider directly.
    """

    name: str
    group: str
    agents: tuple[str, ...]
    sessions: float
    begins_h: float = 7.5  # UTC
    role: str = ""
    telemetry: bool = True
    bypasses: bool = False
    editor: bool = False  # works in an editor, not in a terminal

    @property
    def shown(self) -> str:
        """The name as people write it."""
        return " ".join(part.capitalize() for part in self.name.partition("@")[0].split("."))


WEB, PLATFORM, DATA, CONTRACTORS = "web", "platform", "data", "contractors"
GROUPS: Final = (WEB, PLATFORM, DATA, CONTRACTORS)

PEOPLE: Final = (
    Person(name="ada.okafor@acme.example", group=PLATFORM, agents=(CLAUDE_CODE, CODEX), sessions=4.2, begins_h=6.5),
    Person(name="ben.larsen@acme.example", group=PLATFORM, agents=(CLAUDE_CODE,), sessions=3.4, begins_h=7.0, bypasses=True),
    Person(name="chloe.martin@acme.example", group=WEB, agents=(CLAUDE_CODE, CURSOR), sessions=3.8, begins_h=7.5, editor=True),
    Person(name="dmitri.volkov@acme.example", group=WEB, agents=(CURSOR, CLAUDE_CODE), sessions=3.1, begins_h=8.0),
    Person(name="elena.rossi@acme.example", group=WEB, agents=(CODEX, CLAUDE_CODE), sessions=3.6, begins_h=7.5, role="viewer"),
    Person(name="farid.haddad@acme.example", group=DATA, agents=(GEMINI_CLI, CLAUDE_CODE), sessions=2.8, begins_h=8.5),
    Person(name="grace.lin@acme.example", group=DATA, agents=(CODEX, GEMINI_CLI), sessions=3.0, begins_h=7.0),
    Person(name="henrik.berg@acme.example", group=DATA, agents=(CLAUDE_CODE, OPENCODE), sessions=2.2, begins_h=8.0, telemetry=False),
    Person(name="iris.tanaka@partner.example", group=CONTRACTORS, agents=(OPENCODE, CODEX), sessions=2.4, begins_h=9.5),
    Person(name="jonas.weber@partner.example", group=CONTRACTORS, agents=(CLAUDE_CODE, GEMINI_CLI), sessions=1.6, begins_h=9.0),
)
BY_NAME: Final = {person.name: person for person in PEOPLE}

REPOSITORIES: Final = {
    WEB: ("storefront", "design-system", "checkout-api"),
    PLATFORM: ("platform-core", "deploy-tools"),
    DATA: ("pipelines", "metrics-models"),
    CONTRACTORS: ("storefront", "mobile-app"),
}
"""What each group works on; the first most."""

TASKS: Final = (
    "fix the flaky checkout test",
    "add pagination to the orders list",
    "move the date handling to UTC",
    "explain why the nightly job is slow",
    "write tests for the discount rules",
    "rename the customer id everywhere",
    "upgrade the HTTP client",
    "make the error page accessible",
    "add a retry to the export",
    "review the open pull request",
)
"""What people ask for, in a few words."""
