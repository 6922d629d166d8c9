"""Calls of functions: the name's meaning, the form that fits, and the text. A name without a meaning is refused."""

import difflib
from collections.abc import Mapping, Sequence

from headgate.catalog.types import Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import CallForm, Meaning, filled, fit
from headgate.storage.query.analysis.meanings import MEANINGS
from headgate.storage.query.analysis.value import Value, mismatch, refused


def _by_name(meanings: Sequence[Meaning]) -> dict[str, Meaning]:
    return {name: meaning for meaning in meanings for name in meaning.names}


BY_NAME: Mapping[str, Meaning] = _by_name(MEANINGS)
"""Every function that has an entry, by each of its names."""


def meaning_of(name: str) -> Meaning:
    """The function's entry. Raises for a name that has none, and for one that is refused by name."""
    found = BY_NAME.get(name)
    if found is None:
        near = difflib.get_close_matches(name, BY_NAME, n=3, cutoff=0.7)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise refused(f"The function {name!r} is not taken.{hint}")
    if found.refused:
        raise refused(f"The function {name!r} is not taken: {found.refused}")
    return found


def value(call: FunctionCall) -> Value:
    """The value of a call."""
    meaning = meaning_of(call.name)
    if meaning.rule is not None:
        return meaning.rule(call)
    found = chosen(meaning.forms, [one.kind for one in call.values])
    if found is None:
        given = ", ".join(kinds.sql(one.kind) for one in call.values)
        counts = {len(one.takes) for one in meaning.forms}
        if len(call) not in counts and (not any(one.many for one in meaning.forms) or len(call) < min(counts)):
            wanted = " or ".join(map(str, sorted(counts)))
            raise refused(f"The `{call.name}` requires {wanted} parameters but the actual number is {len(call)}.", "WRONG_NUM_ARGS")
        raise mismatch(f"{call.name}({given}) has no meaning; the types of its arguments do not fit.")
    one, places, gives = found
    arguments = [casts.implicit(each, kind, call.name) for each, kind in zip(call.values, places, strict=True)]
    name = filled(one.shown, [each.name for each in call.values]) if one.shown else ""
    return call.gives(filled(_completed(one, call), arguments), gives, name)


def _completed(one: CallForm, call: FunctionCall) -> str:
    """The form's text with DISTINCT, FILTER and OVER in their places."""
    text = one.text
    if (call.distinct and "$d" not in text) or (call.over and "$o" not in text):
        raise refused(f"{'DISTINCT' if call.distinct else 'FILTER or OVER'} is not taken with {call.name}.")
    return text.replace("$d", "DISTINCT " if call.distinct else "").replace("$o", call.over)


def chosen(forms: Sequence[CallForm], given: Sequence[Type]) -> tuple[CallForm, list[Type], Type] | None:
    """The first form that takes the types as they are, else the first that takes them with implicit casts; with the types that it wants, and what it gives."""
    for exact in (True, False):
        for one in forms:
            found = fit(one, given, exact=exact)
            if found is not None:
                return one, *found
    return None
