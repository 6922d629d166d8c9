"""A price from the configuration, as the process that reads the configuration sends it to the processes that price rows."""

import msgspec


class PriceRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a model costs at a provider from some moment on: rates in USD per million tokens, or a factor on its list price.

    `model` and `tier` are names or patterns. An empty `provider` means every provider; an empty `tier` means the standard tier, or every tier for a
    factor. A rule has rates for at least input and output, or a factor, or prices of tools: US dollars per thousand uses, by the tool's name.
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
    tier: str = ""
    uses_kcount: dict[str, float] = {}
