"""The form of an endpoint: its fields as an endpoint's document has them, and the document that a form states. Checks nothing: what is wrong is shown at its field.

A field that a form leaves empty is not stated in the document, so it has its default.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.admin.object_edit import NotValid
from headgate.web.ui.fields import Fields

_SPARE_ROWS: Final = 2
_TARGETS_MAX, _FALLBACKS_MAX = 10, 5
_NUMBERS: Final = ("first_token_timeout_s", "retry_budget_percent", "max_output_tokens", "payload_sampling")
_TEXTS: Final = ("display_name", "payload_table")
_LISTS: Final = ("allowed_tools", "allowed_server_tools", "allowed_betas")
ALL, THESE = "all", "these"
FORM_FIELDS: Final = ("targets", "fallbacks", "tags", "usage_tracking", "payload_paused", *_NUMBERS, *_TEXTS, *_LISTS)
"""What a form states of an endpoint beside its name. A change replaces these fields and leaves others as they are."""


class TargetRow(msgspec.Struct, frozen=True):
    """A target as it is written in the form; without a provider it is a row that is still empty."""

    provider: str = ""
    model: str = ""
    percent: str = ""


class PatternList(msgspec.Struct, frozen=True):
    """A list of allowed names: all of them, or these, one a line."""

    name: str
    choice: str = ALL
    text: str = ""


class EndpointForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form with what is in it. `etag` is the revision that it was made from. `wrong` has the reasons by field, `problem` what is about no field."""

    name: str = ""
    targets: tuple[TargetRow, ...] = ()
    fallbacks: tuple[TargetRow, ...] = ()
    texts: Mapping[str, str] = {}
    lists: tuple[PatternList, ...] = ()
    tags: str = ""
    usage_tracking: bool = True
    payload_paused: bool = False
    etag: str = ""
    wrong: Mapping[str, str] = {}
    problem: str = ""


def form_of(document: Mapping[str, Any], etag: str = "") -> EndpointForm:
    """The form that shows a document, with rows for more targets."""
    return EndpointForm(
        name=document.get("name", ""),
        targets=with_spare_rows(_rows(document.get("targets", ())), _TARGETS_MAX),
        fallbacks=with_spare_rows(_rows(document.get("fallbacks", ())), _FALLBACKS_MAX),
        texts={name: _written(document.get(name)) for name in (*_TEXTS, *_NUMBERS)},
        lists=tuple(_pattern_list(name, document.get(name)) for name in _LISTS),
        tags="\n".join(f"{key}={value}" for key, value in document.get("tags", {}).items()),
        usage_tracking=document.get("usage_tracking", True),
        payload_paused=document.get("payload_paused", False),
        etag=etag,
    )


def form_sent(fields: Fields) -> EndpointForm:
    """The form as a browser sent it."""
    targets = zip(fields.all("target_provider"), fields.all("target_model"), fields.all("target_percent"), strict=False)
    fallbacks = zip(fields.all("fallback_provider"), fields.all("fallback_model"), strict=False)
    return EndpointForm(
        name=fields.get("name", "").strip(),
        targets=_filled(TargetRow(*(part.strip() for part in each)) for each in targets),
        fallbacks=_filled(TargetRow(*(part.strip() for part in each)) for each in fallbacks),
        texts={name: fields.get(name, "").strip() for name in (*_TEXTS, *_NUMBERS)},
        lists=tuple(PatternList(name, fields.get(f"{name}_choice", ALL), fields.get(name, "").strip()) for name in _LISTS),
        tags=fields.get("tags", "").strip(),
        usage_tracking="usage_tracking" in fields,
        payload_paused="payload_paused" in fields,
        etag=fields.get("etag", ""),
    )


def document_of(form: EndpointForm) -> dict[str, Any]:
    """The document that a form states. What should be a number and is none stays as it is written, for the check to refuse."""
    found: dict[str, Any] = {"name": form.name, "targets": [_target(row) for row in form.targets]}
    if fallbacks := [_target(row) for row in form.fallbacks]:
        found["fallbacks"] = fallbacks
    found |= {name: text for name in _TEXTS if (text := form.texts[name])}
    found |= {name: _number(text) for name in _NUMBERS if (text := form.texts[name])}
    found |= {each.name: _lines(each.text) for each in form.lists if each.choice == THESE}
    if tags := dict(_tag(line) for line in _lines(form.tags)):
        found["tags"] = tags
    if not form.usage_tracking:
        found["usage_tracking"] = False
    if form.payload_paused:
        found["payload_paused"] = True
    return found


def refused(form: EndpointForm, error: Exception, message: str) -> EndpointForm:
    """The form with why it was refused: each reason at its field, and what is about no field of it as a whole."""
    wrong: dict[str, str] = {}
    others: list[str] = [] if isinstance(error, NotValid) else [message]
    for each in error.wrong if isinstance(error, NotValid) else ():
        path, colon, reason = each.partition(": ")
        field = path.partition("[")[0].partition(".")[0]
        if colon and (field == "name" or field in FORM_FIELDS):
            wrong[_place(path)] = f"{wrong[_place(path)]}; {reason}" if _place(path) in wrong else reason
        else:
            others.append(each)
    return msgspec.structs.replace(
        form,
        targets=with_spare_rows(form.targets, _TARGETS_MAX, spare=0 if form.targets else 1),
        fallbacks=with_spare_rows(form.fallbacks, _FALLBACKS_MAX, spare=1),
        wrong=wrong,
        problem="; ".join(others),
    )


def with_more_rows(form: EndpointForm) -> EndpointForm:
    """The form with more empty rows for targets and fallbacks, and all else as it is."""
    return msgspec.structs.replace(
        form,
        targets=with_spare_rows(form.targets, _TARGETS_MAX, spare=_SPARE_ROWS + 2),
        fallbacks=with_spare_rows(form.fallbacks, _FALLBACKS_MAX, spare=_SPARE_ROWS + 2),
    )


def with_spare_rows(rows: Sequence[TargetRow], rows_max: int, spare: int = _SPARE_ROWS) -> tuple[TargetRow, ...]:
    """The rows with empty ones after them, at most so many in all."""
    return (*rows, *[TargetRow()] * max(0, min(spare, rows_max - len(rows))))


def _place(path: str) -> str:
    """Where a reason is shown: at a field of a row, at a row, or at a field. Of a list of patterns it is the list."""
    field = path.partition("[")[0]
    return field if field in _LISTS or field == "tags" else path


def _rows(targets: Sequence[Mapping[str, Any]]) -> tuple[TargetRow, ...]:
    return tuple(TargetRow(each.get("provider", ""), each.get("model", ""), _written(each.get("traffic_percent"))) for each in targets)


def _filled(rows: Iterable[TargetRow]) -> tuple[TargetRow, ...]:
    return tuple(row for row in rows if row != TargetRow())


def _pattern_list(name: str, value: Sequence[str] | None) -> PatternList:
    return PatternList(name) if value is None else PatternList(name, THESE, "\n".join(value))


def _target(row: TargetRow) -> dict[str, Any]:
    found: dict[str, Any] = {"provider": row.provider}
    if row.model:
        found["model"] = row.model
    if row.percent:
        found["traffic_percent"] = _number(row.percent)
    return found


def _written(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _number(text: str) -> int | float | str:
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]


def _tag(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), value.strip()
