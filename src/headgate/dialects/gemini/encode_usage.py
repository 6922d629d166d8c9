"""Counts of tokens as Gemini's clients read them: the prompt with what was read from a cache, the candidates without thoughts."""

from headgate.core.usage import Usage, total

_OWN_KINDS = frozenset({"audio", "image", "video"})  # tokens of this answer that have a price of their own


def usage_metadata(usage: Usage) -> dict[str, int]:
    """The `usageMetadata` of an answer. What another model used beside it is left out: clients take the prompt's count for the size of the conversation."""
    own = total((usage, *(line for line in usage.beside if line.kind in _OWN_KINDS and not line.model)))
    prompt, output, thoughts = own.all_input_tokens or 0, own.output_tokens or 0, own.reasoning_tokens or 0
    counts = {"promptTokenCount": prompt, "candidatesTokenCount": max(0, output - thoughts), "totalTokenCount": prompt + max(output, thoughts)}
    if own.cache_read_tokens:
        counts["cachedContentTokenCount"] = own.cache_read_tokens
    if thoughts:
        counts["thoughtsTokenCount"] = thoughts
    return counts
