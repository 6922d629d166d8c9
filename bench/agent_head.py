"""The head of a coding agent's request: 21 headers, as many as Claude Code 2.1 sends with the SDK below it, and the ids among them that change each time."""

from collections.abc import Iterator

# Composed by hand, not recorded. What is written in braces is filled in for each request.
_LINES = (
    "POST {path}?beta=true HTTP/1.1",
    "Accept: application/json",
    "Authorization: Bearer {token}",
    "Content-Type: application/json",
    "User-Agent: claude-cli/2.1.197 (external, cli)",
    "X-Claude-Code-Session-Id: 6f0d6a70-8d20-4f5c-a7a5-0f3b3f6a1111",
    "X-Stainless-Arch: x64",
    "X-Stainless-Lang: js",
    "X-Stainless-OS: Linux",
    "X-Stainless-Package-Version: 0.81.0",
    "X-Stainless-Retry-Count: 0",
    "X-Stainless-Runtime: node",
    "X-Stainless-Runtime-Version: v24.3.0",
    "X-Stainless-Timeout: 600",
    "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
    "anthropic-dangerous-direct-browser-access: true",
    "anthropic-version: 2023-06-01",
    "x-app: cli",
    "x-client-request-id: 6f0d6a70-8d20-4f5c-a7a5-{number:012x}",
    "Connection: keep-alive",
    "Host: 127.0.0.1:19502",
    "Content-Length: {length}",
)


def agent_head(path: str, token: str, length: int, number: int) -> bytes:
    """The head of one request; each number makes another id."""
    return ("\r\n".join(_LINES) + "\r\n\r\n").format(path=path, token=token, length=length, number=number).encode()


def agent_headers() -> Iterator[tuple[str, str]]:
    """The headers that a load generator does not set by itself, with `%012x` where each request has another number."""
    for line in _LINES[1:-2]:
        name, _, value = line.partition(": ")
        if name not in {"Authorization", "Content-Type", "anthropic-version", "Connection"}:
            yield name, value.replace("{number:012x}", "%012x")
