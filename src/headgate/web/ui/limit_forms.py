"""The forms of limits and budgets: a document of the form that was sent, and the fields of a form for a document. What is empty is not stated."""

from collections.abc import Mapping
from typing import Any, Final

from headgate.core.errors import BadRequest
from headgate.core.limit import MEASURES
from headgate.web.ui.access_forms import words
from headgate.web.ui.fields import Fields

Document = dict[str, Any]
LIMIT_KEYS: Final[Mapping[str, str]] = {
    "user_default": "each user and service principal",
    "user": "one user",
    "service_principal": "one service principal",
    "group": "a group, whose members share it",
    "endpoint": "everything",
    "token": "each token",
    "agent": "an agent, or each agent",
    "request_tag": "a request tag, or each value of it",
}
"""What a limit counts together, by its key."""
_LIMIT_TEXTS = ("endpoint", "key", "principal", "request_tag_key", "request_tag_value", "agent", "per")
_BUDGET_TEXTS = ("name", "scope", "endpoint", "agent", "per", "timezone", "unpriced")
_HOLDERS = ("group", "user", "service_principal")


def limit_document(form: Fields) -> Document:
    """The limit that a form declares."""
    found: Document = _texts(form, _LIMIT_TEXTS)
    for measure in MEASURES:
        if text := form.get(measure, "").strip():
            found[measure] = _whole(text, measure)
    return found | ({"hard": True} if form.get("hard") else {})


def budget_document(form: Fields) -> Document:
    """The budget that a form declares."""
    found: Document = _texts(form, _BUDGET_TEXTS)
    holder = form.get("holder", "").strip()
    kind = form.get("holder_kind", "")
    if holder and kind in _HOLDERS:
        found[kind] = holder
    elif holder or kind:
        raise BadRequest("Choose whether the budget is for a group, a user or a service principal, and write its name; or leave both empty.")
    for name in ("usd", "unpriced_input_mtok", "unpriced_output_mtok"):
        if text := form.get(name, "").strip():
            found[name] = _number(text, name)
    if key := form.get("tag_key", "").strip():
        found["request_tag"] = {key: form.get("tag_value", "").strip()}
    for name in ("hard", "session"):
        if form.get(name):
            found[name] = True
    if overrides := _overrides(form.get("overrides", "")):
        found["overrides"] = overrides
    return found | {"actions": _actions(form)}


def form_values(word: str, document: Mapping[str, Any]) -> Mapping[str, str]:
    """What the fields of a form show for a document."""
    values = {name: _shown(value) for name, value in document.items() if not isinstance(value, dict | list)}
    if word == "limit":
        return values
    kind = next((each for each in _HOLDERS if document.get(each)), "")
    values |= {"holder_kind": kind, "holder": str(document.get(kind, "")) if kind else ""}
    for key, value in document.get("request_tag", {}).items():
        values |= {"tag_key": key, "tag_value": value}
    values["overrides"] = "\n".join(f"{name} = {_shown(usd)}" for name, usd in document.get("overrides", {}).items())
    actions = document.get("actions", [{"percent": 100.0, "do": "block"}])
    values["warn"] = ", ".join(_shown(each["percent"]) for each in actions if each["do"] == "warn")
    for each in actions:
        if each["do"] == "downgrade":
            values |= {"downgrade": _shown(each["percent"]), "downgrade_to": each.get("to", "")}
        elif each["do"] == "block":
            values["block"] = _shown(each["percent"])
    return values


def _texts(form: Fields, names: tuple[str, ...]) -> Document:
    return {name: text for name in names if (text := form.get(name, "").strip())}


def _actions(form: Fields) -> list[Document]:
    actions: list[Document] = [{"percent": _number(text, "warn"), "do": "warn"} for text in words(form.get("warn", ""))]
    if text := form.get("downgrade", "").strip():
        actions.append({"percent": _number(text, "downgrade"), "do": "downgrade", "to": form.get("downgrade_to", "").strip()})
    if text := form.get("block", "").strip():
        actions.append({"percent": _number(text, "block"), "do": "block"})
    return actions


def _overrides(text: str) -> dict[str, float]:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, usd = line.rpartition("=")
        if not equals or not name.strip():
            raise BadRequest(f"{line[:60]!r} is no amount for a user. Write a line such as: ada@example.com = 100")
        found[name.strip()] = _number(usd.strip(), name.strip())
    return found


def _whole(text: str, what: str) -> int:
    digits = text.replace(",", "").replace("_", "")
    if not digits.isdecimal() or len(digits) > 15:
        raise BadRequest(f"{what}: {text[:40]!r} is no whole number.")
    return int(digits)


def _number(text: str, what: str) -> float:
    try:
        value = float(text.removeprefix("$").removesuffix("%"))
    except ValueError as error:
        raise BadRequest(f"{what}: {text[:40]!r} is no number.") from error
    if not 0 <= value < 1e15:
        raise BadRequest(f"{what}: {text[:40]!r} is no amount.")
    return value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)
