"""What Headgate acts on in a provider's error answer: its own key is refused, or what it added to the request is. Also the errors of OpenAI's formats, in all
shapes that servers write. Reads any error body, never raises.

What the providers answer to a key that they refuse: Anthropic 401 `authentication_error`, OpenAI 401 `invalid_api_key`, Google 400, 401 or 403 with
a `reason` of https://googleapis.dev/nodejs/analytics-admin/latest/google.api.ErrorReason.html (a wrong key is a 400, `API_KEY_INVALID`), Databricks 401, or 403
"Invalid access token", Bedrock 403 "… make sure your API Key is valid". Any other 403 is about what the key may do: a model, a region. That is the client's to know, so it passes as it is.
"""

import re
from collections.abc import Iterator

import msgspec

from headgate.core.event import Failed
from headgate.dialects.lenient import decoded, items, mapping, text, word

_ANY = msgspec.json.Decoder()
_WORDS = frozenset({"authentication_error", "invalid_api_key", "unauthenticated"})
_REASONS = ("API_KEY_", "ACCESS_TOKEN_", "CREDENTIALS_MISSING")
_MESSAGES = re.compile(
    r"invalid (?:access token|api key)|incorrect api key|api key (?:not valid|is valid|expired|was reported as leaked)", re.IGNORECASE
)
_USAGE = (b"stream_options", b"include_usage")


def refuses_key(status: int, body: bytes) -> bool:
    """Whether an error answer says that the provider refuses Headgate's key."""
    if status not in {400, 403}:
        return status == 401
    fields = mapping(decoded(_ANY, body))
    error = mapping(fields.get("error"))
    if any(reason.startswith(_REASONS) for reason in _reasons(error)):
        return True
    if status == 400:  # any other 400 is about the request
        return False
    words = (error.get("type"), error.get("code"), error.get("status"), fields.get("error_code"))
    messages = (error.get("message"), fields.get("error"), fields.get("message"))
    return any(text(word).lower() in _WORDS for word in words) or any(_MESSAGES.search(text(message)[:500]) for message in messages)


def refuses_usage(status: int, body: bytes) -> bool:
    """Whether an error answer is about the ask for usage in a chat stream."""
    return status in {400, 422} and any(word in body for word in _USAGE)


def failed(error: object, error_code: object = None, message: object = None) -> Failed | None:
    """The failure that a body of OpenAI's formats reports: OpenAI's `error` object, an `error` that is a text, or Databricks' `error_code` and `message`."""
    if isinstance(error, dict):
        return Failed(word(error.get("code")) or word(error.get("type")), text(error.get("message")))
    if isinstance(error, str) and error:
        return Failed(word(error_code), error)
    if error_code is not None:
        return Failed(word(error_code), text(message))
    return None


def _reasons(error: object) -> Iterator[str]:
    for detail in items(mapping(error).get("details")):
        yield text(mapping(detail).get("reason"))
