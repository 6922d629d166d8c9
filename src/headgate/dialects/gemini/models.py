"""Model listings for clients of Gemini: pages by `pageSize` and `pageToken`, as https://ai.google.dev/api/models has them."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest
from headgate.core.model_profile import ProfileOf, unknown_profile

_PAGE_SIZE = 50
_PAGE_SIZE_MAX = 1_000
_VERBS = ("generateContent", "streamGenerateContent", "countTokens")

# Of a model that is not known, what all of Gemini's text models have in common.
_INPUT_TOKEN_LIMIT = 1_048_576
_OUTPUT_TOKEN_LIMIT = 65_536


def listing(endpoints: Sequence[Endpoint], query: Mapping[str, str], profile_of: ProfileOf = unknown_profile) -> bytes:
    """One page of the models. Raises BadRequest for a page size that is no number or a token that names no page."""
    listed = [endpoint for endpoint in endpoints if endpoint.listed]
    size = _page_size(query.get("pageSize", ""))
    start = _start([endpoint.name for endpoint in listed], unquote(query.get("pageToken", "")))
    body: dict[str, object] = {"models": [_item(endpoint, profile_of) for endpoint in listed[start : start + size]]}
    if start + size < len(listed):
        body["nextPageToken"] = listed[start + size].name
    return msgspec.json.encode(body)


def one(endpoint: Endpoint) -> bytes:
    """One model's description."""
    return msgspec.json.encode(_item(endpoint))


def _item(endpoint: Endpoint, profile_of: ProfileOf = unknown_profile) -> dict[str, object]:
    known = [profile_of(target.dialect, target.model) for target in endpoint.targets]
    return {
        "name": f"models/{endpoint.name}",
        "baseModelId": endpoint.name,
        "version": "001",
        "displayName": endpoint.display_name or endpoint.name,
        "inputTokenLimit": min((each.context_tokens_max for each in known if each.context_tokens_max), default=_INPUT_TOKEN_LIMIT),
        "outputTokenLimit": min((each.output_tokens_max for each in known if each.output_tokens_max), default=_OUTPUT_TOKEN_LIMIT),
        "supportedGenerationMethods": _VERBS,
    }


def _page_size(spelled: str) -> int:
    if not spelled:
        return _PAGE_SIZE
    if not (spelled.isascii() and spelled.isdigit() and len(spelled) <= 9):
        raise BadRequest("`pageSize` must be a number.", code="invalid_page")
    return min(int(spelled), _PAGE_SIZE_MAX) or _PAGE_SIZE


def _start(names: list[str], token: str) -> int:
    """A page's token is the name of its first model."""
    if not token:
        return 0
    if token not in names:
        raise BadRequest("`pageToken` names no page.", code="invalid_page")
    return names.index(token)
