"""What an endpoint allows of its requests beside its model: tools by name, values of the header `anthropic-beta`. Pure; it reads no body."""

from collections.abc import Callable, Sequence

from headgate.core.endpoint import ParameterPolicy
from headgate.core.errors import Forbidden
from headgate.core.headers import Headers
from headgate.core.model_names import matches_any

_BETA = b"anthropic-beta"
_NAMES_SHOWN = 8


def require_tools(endpoint: str, policy: ParameterPolicy, client: Sequence[str], server: Sequence[str]) -> None:
    """Raise Forbidden if the request offers a tool that the endpoint does not allow, named by where it runs."""
    _require(endpoint, "the tool", policy.tools, client)
    _require(endpoint, "the provider's tool", policy.server_tools, server)


def kept_betas(headers: Headers, patterns: Sequence[str]) -> tuple[Headers, list[str]]:
    """The headers with the beta values that match a pattern, in their order, and the values that were left out."""
    return parted_betas(headers, lambda beta: matches_any(patterns, beta))


def parted_betas(headers: Headers, keeps: Callable[[str], bool]) -> tuple[Headers, list[str]]:
    """The headers with the beta values that are to be kept, in their order, and the values that were left out."""
    kept: Headers = []
    dropped: list[str] = []
    for name, value in headers:
        if name != _BETA:
            kept.append((name, value))
            continue
        values = [beta for word in value.decode("latin-1").split(",") if (beta := word.strip())]
        allowed = [beta for beta in values if keeps(beta)]
        dropped += [beta for beta in values if beta not in allowed]
        if allowed:
            kept.append((name, ",".join(allowed).encode("latin-1")))
    return kept, dropped


def _require(endpoint: str, what: str, patterns: Sequence[str] | None, names: Sequence[str]) -> None:
    refused = [] if patterns is None else sorted({name for name in names if not matches_any(patterns, name)})
    if refused:
        raise Forbidden(
            f"Endpoint {endpoint} does not allow {what}{'' if len(refused) == 1 else 's'} {_shown(refused)}; it allows {_shown(patterns or ())}. "
            "Switch it off in your agent, choose another model, or ask your Headgate administrator.",
            code="tool_not_allowed",
        )


def _shown(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return (", ".join(name[:64] for name in names[:_NAMES_SHOWN]) or "none") + (f" and {more} more" if more > 0 else "")
