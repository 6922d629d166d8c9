"""OpenAI's own types of tools that the client runs, as functions for every other dialect: tool search, shells, apply_patch. And the way back."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.core.conversation import APPLY_PATCH, FUNCTION, LOCAL_SHELL, SHELL, TOOL_SEARCH, Tool


class OwnTool(msgspec.Struct, frozen=True):
    """One type: the name, description and schema of its function. The arguments are those that OpenAI documents for an item of the type."""

    name: str
    description: str
    schema: msgspec.Raw


# Sources: https://developers.openai.com/api/docs/guides/tools-tool-search, …/tools-local-shell, …/tools-shell, …/tools-apply-patch, seen 2026-11-30.
OWN_TOOLS: Mapping[str, OwnTool] = {
    TOOL_SEARCH: OwnTool(
        "tool_search",
        "Searches the tools that are not listed yet. The tools that it finds can be called from then on.",
        msgspec.Raw(
            b'{"type":"object","properties":{"query":{"type":"string","description":"What the tool should do."},"limit":{"type":"integer"}},'
            b'"required":["query"]}'
        ),
    ),
    LOCAL_SHELL: OwnTool(
        "local_shell",
        "Runs a command on the user's machine.",
        msgspec.Raw(
            b'{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments."},'
            b'"working_directory":{"type":"string"},"timeout_ms":{"type":"integer"},"env":{"type":"object","additionalProperties":{"type":"string"}}},'
            b'"required":["command"]}'
        ),
    ),
    SHELL: OwnTool(
        "shell",
        "Runs commands in a shell on the user's machine.",
        msgspec.Raw(
            b'{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"},"description":"Shell commands."},'
            b'"timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},"required":["commands"]}'
        ),
    ),
    APPLY_PATCH: OwnTool(
        "apply_patch",
        "Creates, updates or deletes one file. The diff is in the V4A format, without the line of the file's name.",
        msgspec.Raw(
            b'{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},'
            b'"diff":{"type":"string"}},"required":["type","path"]}'
        ),
    ),
}
_EXEC: Final = msgspec.Raw(b'"exec"')
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder()


def as_function(tool: Tool) -> Tool:
    """The function for a tool of one of these types. What the client says of it counts before what is known of the type."""
    own = OWN_TOOLS[tool.kind]
    return msgspec.structs.replace(
        tool, kind=FUNCTION, description=tool.description or own.description, schema=tool.schema or own.schema, strict=None, raw=None, dialect=""
    )


def name_of(kind: str, name: str) -> str:
    """The name of a tool of such a type, which calls and results of it need not say."""
    return name or (OWN_TOOLS[kind].name if kind in OWN_TOOLS else name)


def raised(kind: str, arguments: str) -> str:
    """The arguments of a whole call of such a function in the form of its type. What is no JSON object stays as it is."""
    if kind != LOCAL_SHELL:
        return arguments
    try:
        members = _MEMBERS.decode(arguments.encode(errors="replace"))
    except (msgspec.MsgspecError, RecursionError):
        return arguments
    return _ENCODER.encode({"type": _EXEC, **members}).decode()
