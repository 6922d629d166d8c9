"""Nothing that a client can say is left out of a translated request without a word: every field that its SDK knows is sent on, reported or refused."""

import base64
import re
from fnmatch import fnmatchcase
from functools import cache, lru_cache

import msgspec
import pytest

from headgate.core.errors import GatewayError
from tests.golden.translation.cases import DIALECTS
from tests.golden.translation.frames import FRAMES
from tests.golden.translation.journey import Sent, translated
from tests.golden.translation.matrix import TARGETS
from tests.golden.translation.reviewed_fields import REVIEWED
from tests.golden.translation.sdk_fields import Field, fields

PAIRS = [(client, provider) for client in DIALECTS for provider in DIALECTS if client != provider]
OPERATIONS = {"anthropic": "messages", "openai_chat": "chat", "openai_responses": "responses", "gemini": "generateContent"}
# What a loss is named for, and the names of it in the dialects where they are others.
ALIKE = {
    "document": ("fileData", "inlineData", "file", "input_file"),
    "image": ("inlineData", "mediaResolution"),
    "tool call": ("functionCall", "tool_use"),
    "tools.web_search": ("web_search", "googleSearch", "enterpriseWebSearch", "googleSearchRetrieval"),
    "tools.web_fetch": ("web_fetch", "urlContext"),
    "tools.code_execution": ("code_execution", "codeExecution", "code_interpreter"),
    "thinking": ("reasoning",),
}
LISTS = frozenset({"tools", "messages", "contents", "input", "parts", "content"})
_DATE = re.compile(r"_20\d{6}\Z")
_DATA = re.compile(rb'"data":"([A-Za-z0-9+/=]{4,})"')
_WORD_LENGTH = 5  # from which on a word within another one means the same: `thinking` in `redacted_thinking`


@lru_cache(256)  # requests without a field come again for its neighbours
def _said(client, provider, body):
    return translated(client, OPERATIONS[client], body, TARGETS[provider])


def _text(result: Sent) -> str:
    """All of a request, what is in base64 too."""
    inside = b"".join(base64.b64decode(found) for found in _DATA.findall(result.body) if len(found) % 4 == 0)
    return f"{result.body.decode()}{inside.decode(errors='replace')}{result.prepared.stop}"


def _reported(field: Field, result: Sent) -> bool:
    """Whether a loss names the field, or what it is in."""
    kinds = {_DATE.sub("", kind) for kind in field.kinds} - LISTS
    for loss in result.losses:
        words = {*loss.what.split("."), *ALIKE.get(loss.what, ())} - LISTS
        if words & kinds or any(word in kind.lower() for word in words for kind in kinds if len(word) >= _WORD_LENGTH):
            return True
    return False


def _accounted(field: Field, client: str, provider: str) -> bool:
    result = _said(client, provider, msgspec.json.encode(field.body))
    if isinstance(result, GatewayError):
        assert result.kind in {"untranslatable", "bad_request"}, (field.path, result.message)
        return True
    if (field.mark and field.mark in _text(result)) or _reported(field, result):
        return True
    without = None if field.without is None else _said(client, provider, msgspec.json.encode(field.without))
    if not isinstance(without, Sent):
        return False
    same = (result.body, result.query, result.prepared.stop) == (without.body, without.query, without.prepared.stop)
    return bool(set(result.losses) - set(without.losses)) or not (field.mark or same)


@cache
def _silent(client: str, provider: str) -> frozenset[str]:
    """The paths of the fields that are nowhere. A switch counts where one of its two positions does."""
    found: dict[str, bool] = {}
    for field in fields(client, FRAMES[client]):
        found[field.path] = found.get(field.path, False) or _accounted(field, client, provider)
    return frozenset(path for path, known in found.items() if not known and not _other_counts(path, found))


def _other_counts(path: str, found: dict[str, bool]) -> bool:
    name, _, value = path.rpartition("=")
    return value in {"True", "False"} and found.get(f"{name}={value == 'False'}", False)


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_every_field_is_sent_or_reported_or_refused(client, provider):
    """Or it is known to mean nothing there, with a reason."""
    unknown = {path for path in _silent(client, provider) if not any(fnmatchcase(path, pattern) for pattern in REVIEWED[client])}

    assert unknown == set()


@pytest.mark.parametrize("client", DIALECTS)
def test_every_reviewed_field_is_one(client):
    """A field that is sent or reported by now leaves the list."""
    silent = set().union(*(_silent(client, provider) for provider in DIALECTS if provider != client))

    assert [pattern for pattern in REVIEWED[client] if not any(fnmatchcase(path, pattern) for path in silent)] == []
