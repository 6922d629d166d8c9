"""Which of a provider's routes a request means: dialect, operation, model and whether it streams."""

import re

from tests.fakes.ledger import Entry

FIXED = {
    ("POST", "/v1/messages"): ("anthropic", "generate"),
    ("POST", "/v1/messages/count_tokens"): ("anthropic", "count"),
    ("POST", "/v1/chat/completions"): ("openai_chat", "generate"),
    ("POST", "/v1/responses"): ("openai_responses", "generate"),
    ("POST", "/v1/responses/input_tokens"): ("openai_responses", "count"),
    ("POST", "/v1/responses/compact"): ("openai_responses", "compact"),
    ("POST", "/backend-api/codex/responses"): ("openai_responses", "generate"),  # at chatgpt.com
    ("GET", "/v1beta/models"): ("gemini", "models"),
}
GEMINI = re.compile(r"/v1beta/models/([^:/]+):(\w+)")
RESPONSE = re.compile(r"/v1/responses/resp_[^/]+(/input_items)?")
MOUNT = re.compile(r"^/(anthropic|openai|gemini)(?=/v1)")
GEMINI_OPERATIONS = {"generateContent": "generate", "streamGenerateContent": "generate", "countTokens": "count"}


def route(entry: Entry, *, mounted: bool = False) -> None:
    """Fill in what the route says; an unknown one leaves the operation empty. `mounted` takes a gateway's paths, for an agent that asks without one."""
    path = MOUNT.sub("", entry.path) if mounted else entry.path
    if (entry.method, path) == ("GET", "/v1/models"):
        entry.dialect = "anthropic" if entry.header("anthropic-version") or entry.header("x-api-key") else "openai_chat"
        entry.operation = "models"
        return
    found = GEMINI.fullmatch(path)
    if found:
        entry.dialect, entry.model = "gemini", found[1]
        entry.operation = GEMINI_OPERATIONS.get(found[2], "")
        entry.stream = found[2] == "streamGenerateContent"
        return
    if entry.method in {"GET", "DELETE"} and RESPONSE.fullmatch(path):
        entry.dialect, entry.operation = "openai_responses", "response"
        return
    entry.dialect, entry.operation = FIXED.get((entry.method, path), ("", ""))
    if entry.operation in {"generate", "count", "compact"}:
        entry.model = str(entry.json.get("model", ""))
        entry.stream = entry.json.get("stream") is True
