"""Redaction by attribute name, before anything is stored: the value goes, the name stays, so that a reader sees that something was there.

By default every attribute that holds a prompt, an answer, tool arguments or tool results is redacted. An export that holds none of the names is passed on
byte for byte: one search of the raw bytes decides that. What is counted from a tool's arguments is counted here, before they go.
"""

import fnmatch
import re
from collections.abc import Iterable, MutableSequence, Sequence
from functools import partial
from typing import Protocol

import msgspec
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

from headgate.core.errors import BadRequest
from headgate.policy.secrets import REDACTED
from headgate.telemetry import tool_outcomes
from headgate.telemetry.agents import registry
from headgate.telemetry.otlp import piecewise
from headgate.telemetry.otlp.messages import Export, Level, Scope, parse_level, resources_in

_PATTERNS_MAX = 500
_LAST_LETTERS = 4
_WINDOW_BYTES = 1 << 20
_NAME_BYTES_MAX = 16 << 10
_WILDCARD = re.compile(r"[*?\[\]]+")


class _Attributed(Protocol):
    @property
    def attributes(self) -> MutableSequence[KeyValue]:
        """Its attributes."""


class Redaction(msgspec.Struct, frozen=True):
    """Compiled rules. `names` decides on one attribute's name; each of `somewhere` finds bytes that may contain a name that matters."""

    names: re.Pattern[str]
    somewhere: tuple[re.Pattern[bytes], ...]

    def may_concern(self, payload: bytes) -> bool:
        """Whether a closer look is due. Looked for in windows that overlap by more than a name: a search holds the interpreter until it ends."""
        for at in range(0, max(len(payload), 1), _WINDOW_BYTES):
            if any(pattern.search(payload, max(at - _NAME_BYTES_MAX, 0), at + _WINDOW_BYTES) is not None for pattern in self.somewhere):
                return True
        return False


def compile_rules(patterns: Iterable[str], *, keep: Iterable[str] = ()) -> Redaction | None:
    """Rules from attribute names, `*` and `?` allowed; `keep` takes names out again. `None` if nothing is to be redacted."""
    kept = frozenset(keep)
    wanted = [pattern for pattern in dict.fromkeys(patterns) if pattern not in kept]
    if not wanted:
        return None
    if len(wanted) > _PATTERNS_MAX or any(not pattern.strip("*?") for pattern in wanted):
        raise BadRequest(f"Redaction takes at most {_PATTERNS_MAX} attribute names, none of them a bare wildcard.", code="INVALID_PARAMETER_VALUE")
    names = re.compile("|".join(f"(?:{fnmatch.translate(pattern)})" for pattern in wanted))
    return Redaction(names, _on_the_wire(wanted))


def prompts_off(*, keep: Iterable[str] = (), more: Iterable[str] = ()) -> Redaction | None:
    """The default: no content of any known agent is stored. `keep` names attributes to store all the same (`*` for all), `more` others to redact."""
    kept = tuple(keep)
    content = [name for name in registry.content_attributes() if not any(fnmatch.fnmatchcase(name, pattern) for pattern in kept)]
    return compile_rules((*content, *more), keep=kept)


def apply(export: Export, redaction: Redaction | None) -> Export:
    """The export with every matching attribute's value replaced; the very same export if there is none."""
    if redaction is None or not redaction.may_concern(export.payload):
        return export
    payload = piecewise.rewritten(export.signal, export.payload, partial(_redacted, export.signal, redaction.names))
    return export if payload is export.payload else msgspec.structs.replace(export, payload=payload)


def _redacted(signal: str, names: re.Pattern[str], level: int, piece: bytes) -> bytes:
    message = parse_level(signal, level, piece)
    changed = False
    for owner in _owners(message):
        counts = tool_outcomes.count(_texts(owner.attributes)) if any(item.key in {"arguments", "function_args"} for item in owner.attributes) else {}
        if _redact(owner.attributes, names):
            changed = True
            for name, number in counts.items():
                owner.attributes.append(KeyValue(key=name, value=AnyValue(int_value=number)))
    return message.SerializeToString() if changed else piece


def _on_the_wire(patterns: Iterable[str]) -> tuple[re.Pattern[bytes], ...]:
    """Find a key field with one of the names: tag 0x0a, length, name, and the tag 0x12 of the value that every encoder writes after it.

    A match too many only costs a closer look: of a name with wildcards the longest literal piece is looked for.
    """
    given = list(patterns)
    exact = [pattern.encode() for pattern in given if not _WILDCARD.search(pattern) and len(pattern.encode()) < 128]
    loose = [max(_WILDCARD.split(pattern), key=len).encode() for pattern in given if _WILDCARD.search(pattern) or len(pattern.encode()) >= 128]
    found = [_exactly(exact)] if exact else []
    if loose:
        found.append(re.compile(b"|".join(map(re.escape, loose))))
    return tuple(found)


def _exactly(names: Sequence[bytes]) -> re.Pattern[bytes]:
    """Looked for from the end, at the tag 0x12: the tag 0x0a is three times as frequent. What the names' last letters rule out, which is nearly all,
    is not compared with the names one by one.
    """
    known = min(_LAST_LETTERS, *map(len, names))
    letters = [b"".join(sorted({re.escape(name[-place : len(name) - place + 1]) for name in names})) for place in range(known, 0, -1)]
    last = b"".join(b"[" + some + b"]" for some in letters)
    whole = b"|".join(b"(?<=\x0a" + re.escape(bytes((len(name),)) + name) + b"\x12)" for name in names)
    return re.compile(b"\x12(?<=" + last + b"\x12)(?:" + whole + b")")


def _texts(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {
        item.key: item.value.string_value or str(item.value.bool_value).lower()
        for item in attributes
        if item.value.WhichOneof("value") in {"string_value", "bool_value"}
    }


def _redact(attributes: Iterable[KeyValue], names: re.Pattern[str]) -> bool:
    """Replace what matches, also inside nested key-value lists; say whether anything was."""
    changed = False
    for item in attributes:
        if names.match(item.key):
            if item.value.WhichOneof("value") is not None and item.value.string_value != REDACTED:
                item.value.CopyFrom(AnyValue(string_value=REDACTED))
                changed = True
        elif item.value.WhichOneof("value") in {"kvlist_value", "array_value"}:
            changed |= _redact_value(item.value, names)
    return changed


def _redact_value(value: AnyValue, names: re.Pattern[str]) -> bool:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return _redact(value.kvlist_value.values, names)
    if kind == "array_value":
        changed = [_redact_value(item, names) for item in value.array_value.values]
        return any(changed)
    return False


def _owners(message: Level) -> Iterable[_Attributed]:
    """Everything that carries attributes in a message of any level."""
    for resource, scopes in resources_in(message):
        if resource is not None:
            yield resource.resource
        for scope in scopes:
            yield scope.scope
            yield from _in_scope(scope)


def _in_scope(scope: Scope) -> Iterable[_Attributed]:
    match scope:
        case ScopeLogs():
            for record in scope.log_records:
                # A structured body is attributes too; its text body is the event's name or a sentence of the agent.
                if record.body.WhichOneof("value") == "kvlist_value":
                    yield _Body(record.body.kvlist_value.values)
                yield record
        case ScopeSpans():
            for span in scope.spans:
                yield span
                yield from span.events
                yield from span.links
        case _:
            for metric in scope.metrics:
                yield from _points(metric)


class _Body(msgspec.Struct):
    attributes: MutableSequence[KeyValue]


def _points(metric: Metric) -> Iterable[_Attributed]:
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    yield _Body(metric.metadata)
    for point in getattr(metric, kind).data_points:
        yield point
        for exemplar in getattr(point, "exemplars", ()):
            yield _Body(exemplar.filtered_attributes)
