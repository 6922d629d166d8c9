"""Model listings for clients of OpenAI's formats: the list that the SDKs read, and the catalogue that Codex asks for.

Codex fetches `…/models?client_version=…` when its `model_catalog_url` is set. With an entry for its model it drops its "Model metadata not found"
warning and sends reasoning effort, verbosity and a freeform `apply_patch` tool, so the catalogue holds only models that take these: GPT-5 and later
at a provider that speaks Responses; and models of other dialects that Headgate knows, for which a freeform tool is translated to a function and back.
The words in it are ours.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.endpoint import Endpoint, Target
from headgate.core.model_names import is_open
from headgate.core.model_profile import ProfileOf, unknown_profile

_CODEX_SPEAKS = "openai_responses"
_FREEFORM = re.compile(r"(?:^|[-/.])(?:gpt-(?:[5-9]|\d\d)(?!.*-chat)|codex)")
_CONTEXT_WINDOW = 272_000  # tokens of input that the whole GPT-5 line takes
_OUTPUT_OF_A_TOOL_MAX = 10_000  # tokens of a tool's output that Codex keeps

_EFFORTS = (
    ("low", "Answers soonest, thinks least"),
    ("medium", "Thinks as long as everyday work needs"),
    ("high", "Thinks longer, for hard problems"),
    ("xhigh", "Thinks longest, for the hardest problems"),
)
_USUAL_EFFORTS = ("low", "medium", "high")
_INSTRUCTIONS = """\
You are a coding agent that works in a terminal, in the user's own checkout. Do what was asked, completely, and nothing beside it.

- Look before you change: read the files that matter, follow the conventions you find there, and never guess at what a command can tell you.
- Edit files with the apply_patch tool. Keep each change as small as the task allows, and leave unrelated work of the user untouched.
- Run what proves the result (tests, the linter, the program itself) where it exists, and say so plainly when you could not.
- Never run a command that destroys data or history unless the user asked for exactly that.
- Finish with a few sentences: what changed, where, and what the user should know. No filler.
"""


def listing(endpoints: Sequence[Endpoint], query: Mapping[str, str], profile_of: ProfileOf = unknown_profile) -> bytes:
    """The body of a model listing, with Codex's catalogue in it when Codex asks: it warns of every name that is missing there, also of one that the list hides."""
    listed = [endpoint for endpoint in endpoints if endpoint.listed]
    body: dict[str, object] = {"object": "list", "data": [_item(endpoint) for endpoint in listed]}
    if "client_version" in query:
        known = [(endpoint, _described(endpoint, profile_of)) for endpoint in endpoints if not is_open(endpoint.name)]
        entries = [_entry(endpoint, described) for endpoint, described in known if described is not None]
        body["models"] = [entry | {"priority": priority} for priority, entry in enumerate(entries)]
    return msgspec.json.encode(body)


def one(endpoint: Endpoint) -> bytes:
    """The body of one model's description."""
    return msgspec.json.encode(_item(endpoint))


def _item(endpoint: Endpoint) -> dict[str, object]:
    owner = endpoint.targets[0].provider.name if endpoint.targets else "headgate"
    return {"id": endpoint.name, "object": "model", "created": 0, "owned_by": owner}


class _Described(msgspec.Struct, frozen=True):
    """What Codex is to know of an endpoint: what every target of it takes."""

    context_window: int = _CONTEXT_WINDOW
    efforts: tuple[str, ...] = _USUAL_EFFORTS
    verbosity: bool = True


def _described(endpoint: Endpoint, profile_of: ProfileOf) -> _Described | None:
    """`None` for an endpoint with a target of which that is not known, or that takes no freeform tool."""
    found = [_of_target(target, profile_of) for target in endpoint.targets]
    known = [each for each in found if each is not None]
    if not known or len(known) < len(found):
        return None
    efforts = tuple(effort for effort in known[0].efforts if all(effort in each.efforts for each in known))
    return _Described(min(each.context_window for each in known), efforts, all(each.verbosity for each in known))


def _of_target(target: Target, profile_of: ProfileOf) -> _Described | None:
    if _CODEX_SPEAKS in target.provider.dialects:
        return _Described() if _FREEFORM.search(target.model) else None
    profile = profile_of(target.dialect, target.model)
    if not profile.context_tokens_max:
        return None
    efforts = tuple(effort for effort, _ in _EFFORTS if effort in (profile.efforts or _USUAL_EFFORTS)) if profile.thinks else ()
    return _Described(profile.context_tokens_max, efforts, verbosity=False)


def _entry(endpoint: Endpoint, described: _Described) -> dict[str, object]:
    efforts = described.efforts
    return {
        "slug": endpoint.name,
        "display_name": endpoint.display_name or endpoint.name,
        "description": f"Served by {endpoint.targets[0].provider.name} through Headgate",
        "default_reasoning_level": "medium" if "medium" in efforts else next(iter(efforts), None),
        "supported_reasoning_levels": [{"effort": effort, "description": description} for effort, description in _EFFORTS if effort in efforts],
        "shell_type": "unified_exec",
        "visibility": "list",
        "supported_in_api": True,
        "base_instructions": _INSTRUCTIONS,
        "supports_reasoning_summaries": bool(efforts),
        "support_verbosity": described.verbosity,
        "default_verbosity": "low" if described.verbosity else None,
        "apply_patch_tool_type": "freeform",
        "truncation_policy": {"mode": "tokens", "limit": _OUTPUT_OF_A_TOOL_MAX},
        "supports_parallel_tool_calls": True,
        "context_window": described.context_window,
        "experimental_supported_tools": [],
    }
