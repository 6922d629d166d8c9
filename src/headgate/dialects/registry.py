"""All faces by name: one for each mount of clients, one for each dialect of providers. The only module that knows them all."""

from collections.abc import Mapping
from types import MappingProxyType

from headgate.dialects import cursor
from headgate.dialects.anthropic import faces as anthropic
from headgate.dialects.faces import ClientFace, ProviderFace
from headgate.dialects.gemini import faces as gemini
from headgate.dialects.openai_chat import faces as openai_chat
from headgate.dialects.openai_responses import faces as openai_responses

CLIENTS: Mapping[str, ClientFace] = MappingProxyType({
    face.name: face for face in (anthropic.CLIENT, openai_chat.CLIENT, openai_responses.CLIENT, gemini.CLIENT, cursor.CLIENT)
})
PROVIDERS: Mapping[str, ProviderFace] = MappingProxyType({
    face.name: face for face in (anthropic.PROVIDER, openai_chat.PROVIDER, openai_responses.PROVIDER, gemini.PROVIDER)
})
