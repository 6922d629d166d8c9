"""Model listings for clients of OpenAI's formats: the list that the SDKs read, and the catalogue that Codex asks for.

Codex fetches `…/models?client_version=…` when its `model_catalog_url` is set. With an entry for its model it drops its "Model metadata not found"
warning and sends reasoning effort, verbosity and a freeform `apply_patch` tool, so the catalogue holds only models that take these: GPT-5 and later,
at a provider of OpenAI's dialect. The words in it are ours.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.model_names import is_open

_DIALECTS = frozenset({"openai_chat", "openai_responses"})
_FREEFORM = re.compile(r"(?:^|[-/.])(?:gpt-(?:[5-9]|\d\d)(?!.*-chat)|codex)")
_CONTEXT_WINDOW = 272_000  # tokens of input that the whole GPT-5 line takes
_OUTPUT_OF_A_TOOL_MAX = 10_000  # tokens of a tool's output that Codex keeps

_EFFORTS = (
    ("low", "Answers soonest, thinks least"),
    ("medium", "Thinks as long as everyday work needs"),
    ("high", "Thinks longest, for hard problems"),
)
_INSTRUCTIONS = """\
You are a coding agent that works in a terminal, in the user's own checkout. Do what was asked, completely, and nothing beside it.

- Look before you change: read the files that matter, follow the conventions you find there, and never guess at what a command can tell you.
- Edit files with the apply_patch tool. Keep each change as small as the task allows, and leave unrelated work of the user untouched.
- Run what proves the result (tests, the linter, the program itself) where it exists, and say so plainly when you could not.
- Never run a command that destroys data or history unless the user asked for exactly that.
- Finish with a few sentences: what changed, where, and what the user should know. No filler.
"""


def listing(endpoints: Sequence[Endpoint], query: Mapping[str, str]) -> bytes:
    """The body of a model listing, with Codex's catalogue in it when Codex asks: it warns of every name that is missing there, also of one that the list hides."""
    listed = [endpoint for endpoint in endpoints if endpoint.listed]
    body: dict[str, object] = {"object": "list", "data": [_item(endpoint) for endpoint in listed]}
    if "client_version" in query:
        freeform = [endpoint for endpoint in endpoints if _takes_freeform_tools(endpoint) and not is_open(endpoint.name)]
        body["models"] = [_entry(endpoint, priority) for priority, endpoint in enumerate(freeform)]
    return msgspec.json.encode(body)


def one(endpoint: Endpoint) -> bytes:
    """The body of one model's description."""
    return msgspec.json.encode(_item(endpoint))


def _item(endpoint: Endpoint) -> dict[str, object]:
    owner = endpoint.targets[0].provider.name if endpoint.targets else "headgate"
    return {"id": endpoint.name, "object": "model", "created": 0, "owned_by": owner}


def _takes_freeform_tools(endpoint: Endpoint) -> bool:
    return bool(endpoint.targets) and all(target.dialect in _DIALECTS and _FREEFORM.search(target.model) for target in endpoint.targets)


def _entry(endpoint: Endpoint, priority: int) -> dict[str, object]:
    return {
        "slug": endpoint.name,
        "display_name": endpoint.display_name or endpoint.name,
        "description": f"Served by {endpoint.targets[0].provider.name} through Headgate",
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [{"effort": effort, "description": description} for effort, description in _EFFORTS],
        "shell_type": "unified_exec",
        "visibility": "list",
        "supported_in_api": True,
        "priority": priority,
        "base_instructions": _INSTRUCTIONS,
        "supports_reasoning_summaries": True,
        "support_verbosity": True,
        "default_verbosity": "low",
        "apply_patch_tool_type": "freeform",
        "truncation_policy": {"mode": "tokens", "limit": _OUTPUT_OF_A_TOOL_MAX},
        "supports_parallel_tool_calls": True,
        "context_window": _CONTEXT_WINDOW,
        "experimental_supported_tools": [],
    }
