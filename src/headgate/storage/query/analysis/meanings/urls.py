"""`parse_url`: a part of a URL, as Java's `URI` reads it (RFC 2396)."""

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_HEAD = "^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?://([^/?#]*))?"
_NAME = (
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?"
    r"|(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])|\[[0-9a-fA-F:]+\])"
)
_SERVER = rf"{_NAME}(?::[0-9]*)?(?:[/?#]|$)"
_HOST = rf"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//(?:[^@/?#]*@)?{_SERVER}"
_USER = rf"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//([^@/?#]*)@{_SERVER}"
_GROUPS = {
    "PROTOCOL": (f"{_HEAD}", 1),
    "AUTHORITY": (f"{_HEAD}", 2),
    "HOST": (_HOST, 1),
    "USERINFO": (_USER, 1),
    "PATH": (rf"{_HEAD}([^?#]*)", 3),
    "FILE": (rf"{_HEAD}([^#]*)", 3),
    "QUERY": (rf"{_HEAD}[^?#]*\?([^#]*)", 3),
    "REF": ("#(.*)$", 1),
}
_OPAQUE = "^[a-zA-Z][a-zA-Z0-9+.-]*:[^/]"  # such as mailto:, which has no path and no query
_KEPT = frozenset({"PATH", "FILE"})  # empty rather than NULL
_WITH_SIGN = frozenset({"USERINFO", "REF"})  # NULL where their sign is not there


def _parse_url(call: FunctionCall) -> Value:
    """Of a text that is no URL `parse_url` fails, and `try_parse_url` gives NULL."""
    call.counted(2, 3)
    part = call.constant(1, "The part")
    if len(call) == 3 and call.value(2).kind != kinds.STRING:
        raise mismatch(f"The key of {call.name} is a STRING.")
    if part not in _GROUPS or (len(call) == 3 and part != "QUERY"):
        return call.gives("CAST(NULL AS VARCHAR)", kinds.STRING)
    url = f"databricks_{'try_' if call.name.startswith('try') else ''}url({call.cast(0, kinds.STRING)})"
    if len(call) == 3:
        key = call.constant(2, "The key")
        if not key.replace("_", "").replace("-", "").isalnum():
            raise refused("A key with other signs than letters, digits, _ and - is not taken.")
        query = f"regexp_extract({url}, {literal(_GROUPS['QUERY'][0])}, 3)"
        text = f"regexp_extract('&' || {query}, {literal(f'&{key}=([^&]*)')}, 1)"
        found = f"(CASE WHEN contains('&' || {query}, {literal(f'&{key}=')}) THEN {text} END)"
        return call.gives(_unless_opaque(url, found), kinds.STRING)
    pattern, group = _GROUPS[part]
    found = f"regexp_extract({url}, {literal(pattern)}, {group})"
    if part == "QUERY":
        found = rf"(CASE WHEN regexp_matches({url}, '^[^#]*\?') THEN {found} END)"
    elif part in _WITH_SIGN:
        found = f"(CASE WHEN regexp_matches({url}, {literal(pattern)}) THEN {found} END)"
    elif part not in _KEPT:
        found = f"nullif({found}, '')"
    return call.gives(found if part in {"PROTOCOL", "REF"} else _unless_opaque(url, found), kinds.STRING)


def _unless_opaque(url: str, found: str) -> str:
    return f"(CASE WHEN NOT regexp_matches({url}, {literal(_OPAQUE)}) THEN {found} END)"


MEANINGS: tuple[Meaning, ...] = (
    ruled("parse_url try_parse_url", _parse_url, example="parse_url('https://a.example/b?x=1', 'QUERY', 'x')", gives="1"),
)
