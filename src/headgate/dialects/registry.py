"""All faces by name: one for each mount of clients, one for each dialect of providers; and how logged bodies are read. The only module that knows them all."""

from collections.abc import Mapping
from types import MappingProxyType

from headgate.dialects.anthropic import codec as anthropic_codec
from headgate.dialects.anthropic import faces as anthropic
from headgate.dialects.anthropic import transcript as anthropic_transcript
from headgate.dialects.codec import ClientCodec, ProviderCodec
from headgate.dialects.cursor import codec as cursor_codec
from headgate.dialects.cursor import faces as cursor
from headgate.dialects.faces import ClientFace, ProviderFace
from headgate.dialects.gemini import codec as gemini_codec
from headgate.dialects.gemini import faces as gemini
from headgate.dialects.gemini import transcript as gemini_transcript
from headgate.dialects.openai_chat import codec as chat_codec
from headgate.dialects.openai_chat import faces as openai_chat
from headgate.dialects.openai_chat import transcript as chat_transcript
from headgate.dialects.openai_responses import codec as responses_codec
from headgate.dialects.openai_responses import faces as openai_responses
from headgate.dialects.openai_responses import transcript as responses_transcript
from headgate.dialects.transcript import TranscriptReader

CLIENTS: Mapping[str, ClientFace] = MappingProxyType({
    face.name: face for face in (anthropic.CLIENT, openai_chat.CLIENT, openai_responses.CLIENT, gemini.CLIENT, cursor.CLIENT)
})
PROVIDERS: Mapping[str, ProviderFace] = MappingProxyType({
    face.name: face for face in (anthropic.PROVIDER, openai_chat.PROVIDER, openai_responses.PROVIDER, gemini.PROVIDER)
})
TRANSCRIPTS: Mapping[str, TranscriptReader] = MappingProxyType({
    "anthropic": anthropic_transcript.READER,
    "openai_chat": chat_transcript.READER,
    "openai_responses": responses_transcript.READER,
    "gemini": gemini_transcript.READER,
    "cursor": chat_transcript.READER,
})
"""How the logged bodies of each dialect of clients are read. A body of Cursor's in another shape has only its texts read."""
CLIENT_CODECS: Mapping[str, ClientCodec] = MappingProxyType({
    "anthropic": anthropic_codec.CLIENT,
    "openai_chat": chat_codec.CLIENT,
    "openai_responses": responses_codec.CLIENT,
    "gemini": gemini_codec.CLIENT,
    "cursor": cursor_codec.CLIENT,
})
"""How each mount's requests are decoded and its answers encoded, where the provider speaks another dialect."""
PROVIDER_CODECS: Mapping[str, ProviderCodec] = MappingProxyType({
    "anthropic": anthropic_codec.PROVIDER,
    "openai_chat": chat_codec.PROVIDER,
    "openai_responses": responses_codec.PROVIDER,
    "gemini": gemini_codec.PROVIDER,
})
