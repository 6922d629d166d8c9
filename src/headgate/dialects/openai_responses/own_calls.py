"""Calls of OpenAI's own tools as items: their arguments are an object in a member of its own. Used for what was said and for what is answered."""

import msgspec

from headgate.core.conversation import APPLY_PATCH, LOCAL_SHELL, SHELL, TOOL_SEARCH
from headgate.dialects.lenient import decoded
from headgate.dialects.openai_responses.encode_tools import Json

_RAW_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_EXEC = {"type": msgspec.Raw(b'"exec"'), "command": msgspec.Raw(b"[]"), "env": msgspec.Raw(b"{}")}
_COMMANDS = {"commands": msgspec.Raw(b"[]")}
_OPERATION = {"type": msgspec.Raw(b'"update_file"'), "path": msgspec.Raw(b'""'), "diff": msgspec.Raw(b'""')}

PREFIXES = {TOOL_SEARCH: "tsc", LOCAL_SHELL: "lsh", SHELL: "sh", APPLY_PATCH: "apc"}
"""How the ids of their items begin, by the kind of the call. Other kinds are not OpenAI's own."""


def own_call(kind: str, call_id: str, arguments: str, status: str) -> Json:
    """The item without its id. Arguments that are no object are left out: what is not understood must not run."""
    given = object_of(arguments)
    item: Json = {"type": f"{kind}_call", "status": status, "call_id": call_id}
    if kind == TOOL_SEARCH:
        return item | {"execution": "client", "arguments": given}
    if kind == APPLY_PATCH:
        return item | {"operation": given or _OPERATION}
    return item | {"action": {**(_EXEC if kind == LOCAL_SHELL else _COMMANDS), **given}}


def object_of(arguments: str) -> dict[str, msgspec.Raw]:
    """The members of JSON that is an object, each as it was written; none for any other text."""
    text = arguments.encode(errors="replace")
    return (decoded(_RAW_MEMBERS, text) or {}) if text.lstrip().startswith(b"{") else {}
