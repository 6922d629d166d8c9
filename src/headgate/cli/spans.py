"""Spans of time as people write them on the command line: 30m, 24h, 7d, 4w."""

import re
from collections.abc import Mapping

_SPAN = re.compile(r"(\d{1,6})([mhdw])")
_UNIT_S: Mapping[str, int] = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def span_s(text: str) -> int | None:
    """The seconds of a span, or `None` if the text is none."""
    span = _SPAN.fullmatch(text)
    return None if span is None else int(span[1]) * _UNIT_S[span[2]]
