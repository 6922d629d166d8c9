"""Tools that are called with free text, as functions with one argument: for dialects and models that know functions alone. And the way back."""

from typing import Final

import msgspec

from headgate.core.conversation import FUNCTION, Tool

_SCHEMA: Final = msgspec.Raw(
    b'{"type":"object","properties":{"input":{"type":"string","description":"The whole input of the tool, as plain text."}},"required":["input"]}'
)
_GRAMMAR: Final = "The input must follow this {}:\n{}"
_GRAMMARS: Final = {"lark": "Lark grammar", "regex": "regular expression"}


class _Wrapped(msgspec.Struct):
    input: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Wrapped)


def as_function(tool: Tool) -> Tool:
    """The function; the grammar that bounds the text is in its description, as no schema can say it."""
    grammar = _GRAMMAR.format(_GRAMMARS.get(tool.grammar_syntax, "grammar"), tool.grammar) if tool.grammar else ""
    description = "\n\n".join(text for text in (tool.description, grammar) if text)
    return msgspec.structs.replace(tool, kind=FUNCTION, description=description, schema=_SCHEMA, strict=None, grammar="", grammar_syntax="")


def wrapped(text: str) -> str:
    """The arguments of the function for the text of a call."""
    return _ENCODER.encode(_Wrapped(text)).decode()


def unwrapped(arguments: str) -> str:
    """The text in the arguments of a call that is whole. What a model wrote in another form is the text itself."""
    try:
        return _DECODER.decode(arguments.encode(errors="replace")).input
    except (msgspec.MsgspecError, RecursionError):
        return arguments
