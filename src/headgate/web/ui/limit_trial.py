"""A limit or budget that is tried against the last days: the question with all that the answer depends on, and the answer in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from headgate.admin.declared import DeclaredObject
from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.web.ui.governance import Governance

_DAY_MS = 86_400_000


def what_if_asked(word: str, tried: DeclaredObject, others: Sequence[DeclaredObject], governance: Governance) -> WhatIfAsked:
    """The question. Of groups only those matter that a limit or the budget names."""
    documents = [each.document for each in others if not each.problem] if word == "limit" else []
    named = {_group(word, document) for document in (tried.document, *documents)} - {""}
    groups: dict[str, set[str]] = {}
    for group in named:
        for member in governance.members_of(group):
            groups.setdefault(member, set()).add(group)
    endpoints = governance.snapshot().endpoints
    names = {endpoint.name: tuple(endpoints.names_of(endpoint.name)) for endpoint in endpoints.everything()}
    return WhatIfAsked(
        kind="budget" if word == "budget" else "limit",
        document=tried.document,
        others=tuple(documents),
        names=names,
        groups={name: frozenset(found) for name, found in groups.items()},
    )


def tried_in_words(name: str, answer: WhatIfAnswer, days: int) -> Mapping[str, Any]:
    """What the page shows of an answer."""
    span_days = max(1, round((answer.to_ms - answer.from_ms) / _DAY_MS))
    most = max(answer.by_day.values(), default=0)
    return {
        "name": name,
        "answer": answer,
        "span_days": span_days,
        "shortened": span_days < days,
        "days": [(day, refused, refused / most) for day, refused in sorted(answer.by_day.items())],
    }


def _group(word: str, document: Mapping[str, Any]) -> str:
    if word == "budget":
        return str(document.get("group", ""))
    return str(document.get("principal", "")) if document.get("key") == "group" else ""
