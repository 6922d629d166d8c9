"""Which models are of one kin, by their names: opaque states of one are unreadable to another, even where both are served in the same dialect."""

import re

_KIN = re.compile(r"(?<![a-z])(claude|gemini|gemma|gpt-oss|grok|deepseek|qwen|kimi|glm|llama|mistral|minimax|gpt|codex|o[0-9])")
_OPENAI = frozenset({"gpt", "codex"})


def kin_of(model: str) -> str:
    """The kin of a model; empty where its name does not say."""
    found = _KIN.search(model.lower())
    if found is None:
        return ""
    return "gpt" if found[1] in _OPENAI or found[1][0] == "o" else found[1]


def reads_states_of(model: str, maker: str) -> bool:
    """Whether a model may read what `maker` hid. Where a name does not say the kin it may: the provider knows better."""
    kin, kin_of_maker = kin_of(model), kin_of(maker)
    return not kin or not kin_of_maker or kin == kin_of_maker
