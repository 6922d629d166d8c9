"""All dialects by name. The only module that knows them all."""

from collections.abc import Mapping
from types import MappingProxyType

from headgate.dialects.anthropic.dialect import Anthropic
from headgate.dialects.cursor import Cursor
from headgate.dialects.faces import Dialect
from headgate.dialects.gemini.dialect import Gemini
from headgate.dialects.openai_chat.dialect import OpenAIChat
from headgate.dialects.openai_responses.dialect import OpenAIResponses

_ALL: tuple[Dialect, ...] = (Anthropic(), OpenAIChat(), OpenAIResponses(), Gemini(), Cursor())

DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in _ALL})
