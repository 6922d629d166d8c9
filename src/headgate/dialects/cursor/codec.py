"""Cursor's codec: any of its requests in, Chat Completions out."""

import msgspec

from headgate.dialects.codec import ClientCodec
from headgate.dialects.cursor.decode_request import decode
from headgate.dialects.cursor.encode_answer import CursorAnswerEncoder, whole
from headgate.dialects.openai_chat import codec as chat

CLIENT: ClientCodec = msgspec.structs.replace(chat.CLIENT, decode=decode, encoder=CursorAnswerEncoder, whole=whole)
