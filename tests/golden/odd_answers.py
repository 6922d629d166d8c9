"""Answers of every dialect with places for something odd or large, for the tests beside this module.

Each place is written `<name>`: `<text>` in the generated text, `<extra>` a member of the closing event (or of the whole answer) that nobody reads, `<part>`
a member of the usage that nobody counts, `<id>` the response's id, `<head>` a member of the first event.
"""

PLAIN = {b"<text>": b'"Hello"', b"<extra>": b"1", b"<part>": b"2", b"<id>": b'"r-1"', b"<head>": b"3"}

ANTHROPIC = (
    b'event: message_start\ndata: {"type":"message_start","odd":<head>,"message":{"id":<id>,"model":"m-1","content":[],"usage":{"input_tokens":5}}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":<text>}}\n\n'
    b'event: message_delta\ndata: {"odd":<extra>,"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"odd":<part>,"output_tokens":7}}\n\n'
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)
CHAT = (
    b'data: {"id":<id>,"odd":<head>,"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}\n\n'
    b'data: {"id":<id>,"model":"m-1","choices":[{"index":0,"delta":{"content":<text>},"finish_reason":null}]}\n\n'
    b'data: {"id":<id>,"odd":<extra>,"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    b'data: {"id":<id>,"odd":<extra>,"model":"m-1","choices":[],"usage":{"odd":<part>,"prompt_tokens":5,"completion_tokens":7}}\n\n'
    b"data: [DONE]\n\n"
)
RESPONSES = (
    b'event: response.created\ndata: {"type":"response.created","odd":<head>,"response":{"id":<id>,"model":"m-1","status":"in_progress","usage":null}}\n\n'
    b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","output_index":0,"delta":<text>}\n\n'
    b'event: response.completed\ndata: {"type":"response.completed","response":{"id":<id>,"model":"m-1","status":"completed","odd":<extra>,'
    b'"output":[{"type":"message","content":[{"type":"output_text","text":<text>}]}],"usage":{"odd":<part>,"input_tokens":5,"output_tokens":7}}}\n\n'
)
GEMINI = (
    b'data: {"candidates":[{"content":{"parts":[{"text":<text>}]}}],"odd":<head>,"modelVersion":"m-1","responseId":<id>}\r\n\r\n'
    b'data: {"candidates":[{"content":{"parts":[{"inlineData":{"data":<extra>}}]},"finishReason":"STOP"}],'
    b'"usageMetadata":{"odd":<part>,"promptTokenCount":5,"candidatesTokenCount":7},"modelVersion":"m-1","responseId":<id>}\r\n\r\n'
)
GEMINI_LIST = b"[" + b",\r\n".join(frame[6:] for frame in GEMINI.split(b"\r\n\r\n")[:2]) + b"]"

CHAT_BODY = (
    b'{"id":<id>,"odd":<head>,"model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":<text>},"finish_reason":"stop","odd":<extra>}],'
    b'"usage":{"odd":<part>,"prompt_tokens":5,"completion_tokens":7}}'
)
STREAMS = {
    "anthropic": ANTHROPIC,
    "openai_chat": CHAT,
    "openai_responses": RESPONSES,
    "gemini": GEMINI,
    "gemini, a list": GEMINI_LIST,
}
BODIES = {
    "anthropic": b'{"id":<id>,"type":"message","odd":<head>,"model":"m-1","content":[{"type":"text","text":<text>},{"type":"odd","data":<extra>}],'
    b'"stop_reason":"end_turn","usage":{"odd":<part>,"input_tokens":5,"output_tokens":7}}',
    "openai_chat": CHAT_BODY,
    "openai_responses": b'{"id":<id>,"object":"response","odd":<head>,"status":"completed","model":"m-1","output":[{"type":"message","content":['
    b'{"type":"output_text","text":<text>}]},{"type":"image_generation_call","result":<extra>}],"usage":{"odd":<part>,"input_tokens":5,"output_tokens":7}}',
    "gemini": b'{"odd":<head>,"candidates":[{"content":{"parts":[{"text":<text>},{"inlineData":{"data":<extra>}}]},"finishReason":"STOP"}],'
    b'"usageMetadata":{"odd":<part>,"promptTokenCount":5,"candidatesTokenCount":7},"modelVersion":"m-1","responseId":<id>}',
    "gemini, a list": GEMINI_LIST,
}


def answer(template: bytes, **odd: bytes) -> bytes:
    """An answer with something odd in some of its places."""
    for place, plain in PLAIN.items():
        template = template.replace(place, odd.get(place[1:-1].decode(), plain))
    return template


def dialect_of(case: str) -> str:
    """The dialect of a case by its name."""
    return case.partition(",")[0]
