"""Which tools and beta values an endpoint allows."""

import pytest

from headgate.core.endpoint import ParameterPolicy
from headgate.core.errors import Forbidden
from headgate.policy.parameters import kept_betas, require_tools


@pytest.mark.parametrize(
    ("policy", "client", "server", "refused"),
    [
        (ParameterPolicy(), ["Bash"], ["web_search"], ""),
        (ParameterPolicy(tools=("Read", "mcp__*")), ["Read", "mcp__github__find"], ["web_search"], ""),
        (ParameterPolicy(tools=("Read", "mcp__*")), ["Read", "Bash", "Write"], [], "the tools Bash, Write; it allows Read, mcp__*"),
        (ParameterPolicy(tools=()), ["Read"], [], "the tool Read; it allows none"),
        (ParameterPolicy(tools=()), [], ["web_search"], ""),
        (ParameterPolicy(server_tools=("web_*",)), ["Bash"], ["web_search_20250305"], ""),
        (ParameterPolicy(server_tools=()), ["Bash"], ["web_search"], "the provider's tool web_search; it allows none"),
        (ParameterPolicy(tools=("read",)), ["Read"], [], "the tool Read; it allows read"),
        (ParameterPolicy(tools=()), [f"t{number:02}" for number in range(20)], [], "t07 and 12 more; it allows none"),
    ],
)
def test_tools(policy: ParameterPolicy, client: list[str], server: list[str], refused: str) -> None:
    """By pattern, each kind by its own; names are compared letter by letter."""
    if not refused:
        require_tools("e", policy, client, server)
        return
    with pytest.raises(Forbidden, match="Endpoint e does not allow") as found:
        require_tools("e", policy, client, server)
    assert refused in found.value.message
    assert (found.value.status, found.value.code) == (403, "tool_not_allowed")


@pytest.mark.parametrize(
    ("values", "kept", "dropped"),
    [
        ([b"a-1,b-2"], [b"a-1"], ["b-2"]),
        ([b" a-1 , a-2"], [b"a-1,a-2"], []),
        ([b"b-1", b"a-1, b-2"], [b"a-1"], ["b-1", "b-2"]),
        ([b"b-1,,"], [], ["b-1"]),
        ([b""], [], []),
    ],
)
def test_beta_values(values: list[bytes], kept: list[bytes], dropped: list[str]) -> None:
    """Those that are allowed stay in their order; a header without any goes; all other headers stay."""
    other = (b"x-app", b"cli")
    headers = [*[(b"anthropic-beta", value) for value in values], other]
    assert kept_betas(headers, ("a-*",)) == ([*[(b"anthropic-beta", value) for value in kept], other], dropped)
