"""A price that the configuration states, as it goes from the process that reads the configuration to those that price rows."""

import msgspec


class PriceRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a model costs at a provider from a moment on: rates in USD per million tokens, or the factor by which its list price is multiplied.

    `model` and `tier` are names or patterns; an empty `provider` means every one, an empty `tier` the ordinary one (of a factor: every one). A rule has
    rates for input and output at least, or a factor, or prices of tools: US dollars for a thousand uses, by the tool's name.
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
