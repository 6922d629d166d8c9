"""Token counts of one answer, by the classes that have different prices, and what else the answer was charged for."""

from collections.abc import Iterable

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens in five classes that never overlap, except that reasoning is part of output. `None` means not reported, which differs from 0."""

    input_tokens: int | None = None  # fresh input, neither read from nor written to a cache
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    output_tokens: int | None = None  # includes reasoning
    reasoning_tokens: int | None = None

    @property
    def all_input_tokens(self) -> int | None:
        """All input: fresh, read from a cache, written to one. This is `system.ai_gateway.usage.input_tokens`; `None` if nothing was reported."""
        # Called four times per row, so written out: a list and its sum take three times as long.
        fresh, read, written_5m, written_1h = self.input_tokens, self.cache_read_tokens, self.cache_write_5m_tokens, self.cache_write_1h_tokens
        if fresh is None and read is None and written_5m is None and written_1h is None:
            return None
        return (fresh or 0) + (read or 0) + (written_5m or 0) + (written_1h or 0)


class UsageLine(Counts, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is charged in addition to an answer's own tokens: another model's work, tokens with a higher price, or uses of a tool.

    `kind` names it (`compaction`, `advisor_message`, `audio`, `web_search`, …). An empty `model` means the answer's own. A line has counts or `uses`.
    """

    kind: str
    model: str = ""
    tier: str = ""
    uses: int | None = None


class Usage(Counts, frozen=True, kw_only=True, omit_defaults=True):
    """What a provider reported for one answer. The dialects count differently (Anthropic's `input_tokens` is fresh input only, OpenAI's and Gemini's
    include cached input); each dialect's reader converts to these classes.

    The counts are those of the answer's own line; `beside` are additional lines, and most answers have none. `tier` is the service tier as the
    provider names it, several joined by `+`: empty for the standard tier, `None` if the provider did not say. `estimated` marks counts that Headgate
    estimated.
    """

    estimated: bool = False
    tier: str | None = None
    beside: tuple[UsageLine, ...] = ()
    charge_reported: float | None = None  # what the provider says it charged, in US dollars

    def updated(self, later: "Usage") -> "Usage":
        """The usage with every value that `later` reports. Streams report cumulative counts, so the last one wins."""
        return Usage(
            input_tokens=self.input_tokens if later.input_tokens is None else later.input_tokens,
            cache_read_tokens=self.cache_read_tokens if later.cache_read_tokens is None else later.cache_read_tokens,
            cache_write_5m_tokens=self.cache_write_5m_tokens if later.cache_write_5m_tokens is None else later.cache_write_5m_tokens,
            cache_write_1h_tokens=self.cache_write_1h_tokens if later.cache_write_1h_tokens is None else later.cache_write_1h_tokens,
            output_tokens=self.output_tokens if later.output_tokens is None else later.output_tokens,
            reasoning_tokens=self.reasoning_tokens if later.reasoning_tokens is None else later.reasoning_tokens,
            estimated=later.estimated,
            tier=self.tier if later.tier is None else later.tier,
            beside=later.beside or self.beside,
            charge_reported=self.charge_reported if later.charge_reported is None else later.charge_reported,
        )

    @property
    def totals(self) -> Counts:
        """The counts of all lines together."""
        return total((self, *self.beside)) if self.beside else self


def total(counts: Iterable[Counts]) -> Counts:
    """The sum per class; a class that none of the counts reports stays unreported."""
    # Every exchange with lines comes here, so it is written out: going through the names of the classes takes six times as long.
    fresh: int | None = None
    read: int | None = None
    written_5m: int | None = None
    written_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    for one in counts:
        if (count := one.input_tokens) is not None:
            fresh = count if fresh is None else fresh + count
        if (count := one.cache_read_tokens) is not None:
            read = count if read is None else read + count
        if (count := one.cache_write_5m_tokens) is not None:
            written_5m = count if written_5m is None else written_5m + count
        if (count := one.cache_write_1h_tokens) is not None:
            written_1h = count if written_1h is None else written_1h + count
        if (count := one.output_tokens) is not None:
            output = count if output is None else output + count
        if (count := one.reasoning_tokens) is not None:
            reasoning = count if reasoning is None else reasoning + count
    return Counts(
        input_tokens=fresh,
        cache_read_tokens=read,
        cache_write_5m_tokens=written_5m,
        cache_write_1h_tokens=written_1h,
        output_tokens=output,
        reasoning_tokens=reasoning,
    )
