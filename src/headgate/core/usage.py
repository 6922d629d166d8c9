"""Token counts of one answer, by the classes that are priced apart, and what else it was charged for."""

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens in five classes that never overlap, except that reasoning is part of output. `None` means not reported; an explicit 0 is kept."""

    input_tokens: int | None = None  # fresh input, neither read from nor written to a cache
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    output_tokens: int | None = None  # includes reasoning
    reasoning_tokens: int | None = None

    @property
    def all_input_tokens(self) -> int | None:
        """Fresh, read and written input together, as `system.ai_gateway.usage.input_tokens` counts it; `None` if nothing was reported."""
        # Asked four times of each row, so written out: a list and its sum take three times as long.
        fresh, read, written_5m, written_1h = self.input_tokens, self.cache_read_tokens, self.cache_write_5m_tokens, self.cache_write_1h_tokens
        if fresh is None and read is None and written_5m is None and written_1h is None:
            return None
        return (fresh or 0) + (read or 0) + (written_5m or 0) + (written_1h or 0)


class UsageLine(Counts, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is charged beside an answer's own tokens: another model's work, tokens of a dearer kind, or uses of a tool.

    `kind` says what (`compaction`, `advisor_message`, `audio`, `web_search`, …). An empty `model` is the answer's own. A line has counts or `uses`.
    """

    kind: str
    model: str = ""
    tier: str = ""
    uses: int | None = None


class Usage(Counts, frozen=True, kw_only=True, omit_defaults=True):
    """What a provider reported of one answer. Every dialect's convention (Anthropic's `input_tokens` is fresh input only, OpenAI's and Gemini's
    include cached input) is brought to this one by its reader.

    The counts are those of the answer's own line; `beside` are the lines that come on top, and most answers have none. `tier` is how the answer was
    served, in the provider's words, several joined by `+`: empty for the standard one, `None` if the provider did not say. `estimated` marks counts
    that Headgate guessed.
    """

    estimated: bool = False
    tier: str | None = None
    beside: tuple[UsageLine, ...] = ()
    charge_reported: float | None = None  # what the provider says it charged, in US dollars

    def updated(self, later: "Usage") -> "Usage":
        """The usage with everything that `later` reports replaced: streams report cumulative counts, the last one wins."""
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
        """The counts of all lines together: the usage itself where nothing is beside it."""
        return total((self, *self.beside)) if self.beside else self


def total(counts: tuple[Counts, ...]) -> Counts:
    """Each class added up; a class that none of them reported stays unreported."""
    return Counts(**{name: _sum([getattr(one, name) for one in counts]) for name in Counts.__struct_fields__})


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
