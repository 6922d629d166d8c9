"""A price that the configuration states, as it goes from the process that reads the configuration to those that price rows."""

import msgspec


class PriceRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a model costs at a provider from a moment on: rates in USD per million tokens, or the factor by which its list price is multiplied.

    `model` is a name or a pattern; an empty `provider` means every one. A rule has rates for input and output at least, or a factor.
    """

    model: str = "*"
    provider: str = ""
    from_ns: int = 0
    factor: float | None = None
    input_mtok: float | None = None
    cache_read_mtok: float | None = None
    cache_write_5m_mtok: float | None = None
    cache_write_1h_mtok: float | None = None
    output_mtok: float | None = None
