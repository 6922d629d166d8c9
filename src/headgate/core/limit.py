"""Rate limits as they are declared, and how much is left of one. Counts nothing and decides nothing."""

from typing import Final

import msgspec

REQUESTS: Final = "requests"
TOKENS: Final = "tokens"
INPUT_TOKENS: Final = "input_tokens"
OUTPUT_TOKENS: Final = "output_tokens"
CONCURRENT: Final = "concurrent"
MEASURES: Final = (REQUESTS, TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, CONCURRENT)

WINDOWS_S: Final = {"minute": 60, "hour": 3_600, "day": 86_400}


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What all requests that it counts together may use within any window of `per`. `id` names what is counted, not how much of it.

    `endpoint` is a pattern; all endpoints that match it count together. `holder` is the user, group, service principal or agent that it is for. Empty
    where the key needs none: each user (`user_default`), token, agent or value of the tag has a count of its own. `bounds` are pairs of a measure and its most.
    """

    id: str
    endpoint: str
    key: str
    holder: str = ""
    tag_key: str = ""
    tag_value: str = ""
    per: str = "minute"
    bounds: tuple[tuple[str, int], ...] = ()
    hard: bool = False  # reserves all the output that a request allows, not what answers usually have
