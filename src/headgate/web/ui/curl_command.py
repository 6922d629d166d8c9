"""The command that sends a request again, with the place of the token and of the body left open: no secret and no content is in it."""

import shlex
from collections.abc import Mapping

_SPECIAL = {
    "anthropic": ("anthropic-version: 2023-06-01",),  # https://docs.anthropic.com/en/api/versioning: every request names a version
}
_PLAIN_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:@?&=%+")


def curl_command(row: Mapping[str, object], url: str) -> str:
    """The command for a usage row at the gateway's address."""
    path = str(row.get("url") or "/")
    safe = "".join(character if character in _PLAIN_CHARS else "_" for character in path)
    headers = ["content-type: application/json", *_SPECIAL.get(str(row.get("dialect") or ""), ())]
    lines = [f"curl {shlex.quote(url.rstrip('/') + safe)}", '  -H "authorization: Bearer $HEADGATE_TOKEN"']
    lines += [f"  -H {shlex.quote(header)}" for header in headers]
    lines.append("  --data @request.json")
    return " \\\n".join(lines)
