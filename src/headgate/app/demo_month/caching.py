"""What a request of an agent uses: how its conversation's tokens fall into the classes of a price list, as each provider's cache has it.

Anthropic's cache keeps what a request marks, for five minutes; OpenAI's finds prefixes by itself in steps of 128 tokens; Gemini's finds most.
"""

import random

import msgspec

from headgate.app.demo_month.agents import PACES, AgentShape
from headgate.core.usage import Usage

_KEPT_NS = 300_000_000_000
_STEP = 128


class Context(msgspec.Struct, kw_only=True):
    """The conversation so far: its tokens, how many of them a cache holds, and when it was last asked. `shared` are the instructions, warm for others too."""

    tokens: int
    cached: int
    shared: int
    asked_at_ns: int = 0

    def grow(self, tokens: int) -> None:
        """What was said joins the conversation."""
        self.tokens += tokens

    def compact(self, tokens: int) -> None:
        """A summary takes the place of the conversation; the instructions stay cached."""
        self.tokens, self.cached = self.shared + tokens, self.shared

    def break_prefix(self) -> None:
        """Something at the beginning has changed, so that the cache finds nothing."""
        self.cached = 0


def usage(context: Context, shape: AgentShape, model: str, rng: random.Random, *, at_ns: int, output: int) -> Usage:
    """What one request uses; what its provider caches stays for the next."""
    late = context.asked_at_ns > 0 and at_ns - context.asked_at_ns > _KEPT_NS
    context.asked_at_ns = at_ns
    reasoning = int(output * PACES[model].reasoning * rng.uniform(0.3, 1.5)) or None
    reasoning = None if reasoning is None else min(reasoning, output - 1)
    if model.startswith("claude") and shape.dialect == "anthropic":
        fresh = rng.randrange(3, 14)
        held = min(context.shared, context.cached) if late else context.cached
        written = max(0, context.tokens - held - fresh)
        context.cached = context.tokens
        return Usage(
            input_tokens=fresh, cache_read_tokens=held, cache_write_5m_tokens=written, cache_write_1h_tokens=0, output_tokens=output, tier=""
        )
    if model.startswith("gpt"):
        found = 0 if late or rng.random() < 0.07 else context.cached // _STEP * _STEP
        context.cached = context.tokens
        return Usage(input_tokens=context.tokens - found, cache_read_tokens=found, output_tokens=output, reasoning_tokens=reasoning, tier="")
    if model.startswith("gemini"):
        found = int(context.cached * rng.uniform(0.82, 0.98)) if rng.random() < 0.74 and not late else 0
        context.cached = context.tokens
        return Usage(input_tokens=context.tokens - found, cache_read_tokens=found, output_tokens=output, reasoning_tokens=reasoning)
    return Usage(input_tokens=context.tokens, output_tokens=output)
