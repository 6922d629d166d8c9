"""Writes a language model of 1 MB that a real server loads: it says "OK, done.", and under a grammar that the city is Rome.

Each token is a dimension of its own, attention and feed-forward are zero, so the next token hangs on the last one alone: the output matrix is a table of
what follows what. Which of the followers a grammar allows is the server's own work, and with it tool calls and JSON by a schema.
"""

from pathlib import Path

import gguf
import numpy as np

END, START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
FOLLOWERS = {
    "\n": ("OK", "<tool_call>", "</tool_call>", "{"),
    "OK": (",",),
    ",": (" done", " "),
    " done": (".",),
    ".": (TURN_END, "<tool_call>"),
    "<tool_call>": ("\n",),
    "</tool_call>": (TURN_END, "\n"),
    "{": ('"', "}"),
    '"': ("Rome", "}", ",", ":"),
    "Rome": ('"',),
    ":": (" ",),
    " ": ('"', "1", "{"),
    "1": ("}", ","),
    "}": ("}", TURN_END, "\n"),
}
"""What comes after a token, the likeliest first; after any other token the turn ends."""

TEMPLATE = (
    "{%- if tools %}<|im_start|>system\n"
    "{%- if messages[0].role == 'system' %}{{ messages[0].content + '\n\n' }}{% endif %}"
    "You may call these functions:\n<tools>{% for tool in tools %}\n{{ tool | tojson }}{% endfor %}\n</tools>\n"
    'Write each call as\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n'
    "{%- elif messages[0].role == 'system' %}<|im_start|>system\n{{ messages[0].content }}<|im_end|>\n{% endif %}"
    "{%- for message in messages %}"
    "{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{%- elif message.role == 'assistant' %}<|im_start|>assistant\n{{ message.content or '' }}"
    "{%- for call in message.tool_calls or [] %}{% if call.function %}{% set call = call.function %}{% endif %}"
    '\n<tool_call>\n{"name": "{{ call.name }}", "arguments": {{ call.arguments | tojson }}}\n</tool_call>{% endfor %}<|im_end|>\n'
    "{%- elif message.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ message.content }}\n</tool_response><|im_end|>\n"
    "{%- endif %}{% endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WIDTH = 320  # of a multiple of 32, and not below the number of tokens
HEAD, INNER, CONTEXT = 32, 32, 1 << 18  # one narrow head, because an agent's prompt is 100 000 tokens of one byte
STEP = 3.0  # between the likeliest follower and the next, times the root of the width by the normalisation: no other is ever drawn


def write_model(path: Path) -> None:
    """Write the model; the same bytes each time."""
    tokens = [*_bytes(), *(_spelled(text) for text in ("OK", " done", "Rome"))]
    kinds = [gguf.TokenType.NORMAL] * len(tokens)
    for text, kind in (
        (END, gguf.TokenType.CONTROL),
        (START, gguf.TokenType.CONTROL),
        (TURN_END, gguf.TokenType.CONTROL),
        ("<tool_call>", gguf.TokenType.USER_DEFINED),
        ("</tool_call>", gguf.TokenType.USER_DEFINED),
    ):
        tokens.append(text)
        kinds.append(kind)
    while len(tokens) < WIDTH:
        tokens.append(f"<unused{len(tokens)}>")
        kinds.append(gguf.TokenType.UNUSED)
    writer = gguf.GGUFWriter(str(path), "llama")
    _write_settings(writer)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    _write_weights(writer, {token: at for at, token in enumerate(tokens)})
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_settings(writer: gguf.GGUFWriter) -> None:
    writer.add_name("bigram")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(HEAD)
    writer.add_vocab_size(WIDTH)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_merges(["O K"])
    end = 256 + 3
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end + 2)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def _write_weights(writer: gguf.GGUFWriter, places: dict[str, int]) -> None:
    output = np.zeros((WIDTH, WIDTH), np.float32)
    output[places[TURN_END]] = STEP
    for token, followers in FOLLOWERS.items():
        column = places[_spelled(token)]
        output[places[TURN_END], column] = 0.0
        for rank, follower in enumerate(reversed(followers), 2):
            output[places[_spelled(follower)], column] = STEP * rank
    ones = np.ones(WIDTH, np.float32)
    writer.add_tensor("token_embd.weight", np.eye(WIDTH, dtype=np.float32))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("blk.0.attn_norm.weight", ones)
    for name in ("attn_q", "attn_k", "attn_v"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((HEAD, WIDTH), np.float32))
    writer.add_tensor("blk.0.attn_output.weight", np.zeros((WIDTH, HEAD), np.float32))
    writer.add_tensor("blk.0.ffn_norm.weight", ones)
    for name in ("ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((INNER, WIDTH), np.float32))
    writer.add_tensor("blk.0.ffn_down.weight", np.zeros((WIDTH, INNER), np.float32))


def _bytes() -> list[str]:
    """The 256 bytes as GPT-2's vocabulary spells them (https://github.com/openai/gpt-2, `bytes_to_unicode`): a printable byte is its own letter."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spelled, other = [], 0
    for byte in range(256):
        if byte in printable:
            spelled.append(chr(byte))
        else:
            spelled.append(chr(256 + other))
            other += 1
    return spelled


def _spelled(text: str) -> str:
    """A token's text as the vocabulary spells it; special ones are as they are."""
    if text.startswith("<"):
        return text
    letters = _bytes()
    return "".join(letters[byte] for byte in text.encode())
