"""Token counts of one answer, by the classes that are priced apart."""

import msgspec


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider reported, in five classes that never overlap except that reasoning is part of output.

    `None` means not reported; an explicit 0 is kept. Every dialect's convention (Anthropic's `input_tokens` is fresh input only, OpenAI's and
    Gemini's include cached input) is brought to this one by its reader. `estimated` marks counts that we guessed.
    """

    input_tokens: int | None = None  # fresh input, neither read from nor written to a cache
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    output_tokens: int | None = None  # includes reasoning
    reasoning_tokens: int | None = None
    estimated: bool = False

    def updated(self, later: "Usage") -> "Usage":
        """These counts with every class that `later` reports replaced: streams report cumulative counts, the last one wins."""
        return Usage(
            input_tokens=self.input_tokens if later.input_tokens is None else later.input_tokens,
            cache_read_tokens=self.cache_read_tokens if later.cache_read_tokens is None else later.cache_read_tokens,
            cache_write_5m_tokens=self.cache_write_5m_tokens if later.cache_write_5m_tokens is None else later.cache_write_5m_tokens,
            cache_write_1h_tokens=self.cache_write_1h_tokens if later.cache_write_1h_tokens is None else later.cache_write_1h_tokens,
            output_tokens=self.output_tokens if later.output_tokens is None else later.output_tokens,
            reasoning_tokens=self.reasoning_tokens if later.reasoning_tokens is None else later.reasoning_tokens,
            estimated=later.estimated,
        )

    @property
    def all_input_tokens(self) -> int | None:
        """Fresh, read and written input together, as `system.ai_gateway.usage.input_tokens` counts it; `None` if nothing was reported."""
        # Asked four times of each row, so written out: a list and its sum take three times as long.
        fresh, read, written_5m, written_1h = self.input_tokens, self.cache_read_tokens, self.cache_write_5m_tokens, self.cache_write_1h_tokens
        if fresh is None and read is None and written_5m is None and written_1h is None:
            return None
        return (fresh or 0) + (read or 0) + (written_5m or 0) + (written_1h or 0)
