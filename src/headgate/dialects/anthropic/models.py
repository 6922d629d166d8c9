"""Model listings for clients of Anthropic: pages by `limit`, `after_id` and `before_id`, as https://docs.claude.com/en/api/models-list has them.

Claude Code shows only ids that start with `claude` or `anthropic`; that choice is the client's, so every endpoint the caller may use is listed.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest
from headgate.core.model_profile import ProfileOf, unknown_profile

_LIMIT = 20
_LIMIT_MAX = 1_000
_UNKNOWN_DATE = "1970-01-01T00:00:00Z"  # the API's own word for a model whose date of release is not known


def listing(endpoints: Sequence[Endpoint], query: Mapping[str, str], _profile_of: ProfileOf = unknown_profile) -> bytes:
    """One page of the models. Raises BadRequest for a limit out of range or an id that is not listed."""
    listed = [endpoint for endpoint in endpoints if endpoint.listed]
    page, more = _page([endpoint.name for endpoint in listed], query)
    data = [_item(endpoint) for endpoint in listed[page]]
    return msgspec.json.encode({
        "data": data,
        "has_more": more,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    })


def one(endpoint: Endpoint) -> bytes:
    """One model's description."""
    return msgspec.json.encode(_item(endpoint))


def _item(endpoint: Endpoint) -> dict[str, str]:
    return {"type": "model", "id": endpoint.name, "display_name": endpoint.display_name or endpoint.name, "created_at": _UNKNOWN_DATE}


def _page(names: list[str], query: Mapping[str, str]) -> tuple[slice, bool]:
    limit = _limit(query.get("limit", ""))
    if before := query.get("before_id"):
        stop = _index(names, before)
        start = max(0, stop - limit)
        return slice(start, stop), start > 0
    start = _index(names, query["after_id"]) + 1 if query.get("after_id") else 0
    return slice(start, start + limit), start + limit < len(names)


def _limit(spelled: str) -> int:
    if not spelled:
        return _LIMIT
    if not (spelled.isascii() and spelled.isdigit() and len(spelled) <= 4 and 1 <= int(spelled) <= _LIMIT_MAX):
        raise BadRequest(f"`limit` must be a number from 1 to {_LIMIT_MAX}.", code="invalid_limit")
    return int(spelled)


def _index(names: list[str], spelled: str) -> int:
    name = unquote(spelled)
    if name not in names:
        raise BadRequest("The page starts at a model that is not listed.", code="invalid_page")
    return names.index(name)
