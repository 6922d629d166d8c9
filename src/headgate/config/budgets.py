"""Compiles budgets. Checks what spans several keys of one budget, and several budgets."""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path as FilePath
from urllib.parse import urlsplit

import msgspec

from headgate.config.entries import WrittenAction, WrittenBudget
from headgate.config.problems import Path, Problems, nearest
from headgate.config.references import BadReference, resolve_secret
from headgate.core.budget import BLOCK, DOWNGRADE, NANO_PER_USD, RATE, Budget, BudgetAction, FallbackRate
from headgate.core.model_names import is_name, is_pattern
from headgate.core.secret import Secret

_NAME_CHARS_MAX = 128
_HOLDERS = ("group", "user", "service_principal")
_TAG_CHARS_MAX = 256


class References(msgspec.Struct, frozen=True):
    """Where webhooks' references are resolved. `known` are secrets that were resolved before, by reference."""

    environ: Mapping[str, str] = {}
    directory: FilePath = FilePath()
    known: Mapping[str, str] = {}


def compile_budgets(entries: Sequence[WrittenBudget], problems: Problems, references: References | None = None) -> tuple[Budget, ...]:
    """The budgets, in their order, without those that have a problem, which is noted. Without `references` none may have a webhook."""
    budgets: list[Budget] = []
    places: dict[str, int] = {}
    for index, entry in enumerate(entries):
        path: Path = ("budgets", index)
        before = len(problems.found)
        _check_name(entry, path, places, problems)
        places.setdefault(entry.name, index)
        _check_holders(entry, path, problems)
        _check_filters(entry, path, problems)
        _check_amounts(entry, path, problems)
        _check_actions(entry.actions, path, problems)
        zone = _zone(entry.timezone, (*path, "timezone"), problems)
        webhook = _webhook(entry.webhook, (*path, "webhook"), references, problems)
        if len(problems.found) == before:
            budgets.append(msgspec.structs.replace(_budget(entry), zone=zone, webhook=webhook))
    return tuple(budgets)


def _check_name(entry: WrittenBudget, path: Path, places: Mapping[str, int], problems: Problems) -> None:
    if not entry.name:
        problems.add((*path, "name"), 'a budget needs a name, such as "contractors, month"')
    elif not entry.name.isprintable() or len(entry.name) > _NAME_CHARS_MAX or entry.name != entry.name.strip():
        problems.add((*path, "name"), f"a budget's name is at most {_NAME_CHARS_MAX} printable characters, without spaces at its ends")
    elif entry.name in places:
        problems.add((*path, "name"), f"{entry.name!r} is already the name of budgets[{places[entry.name]}]")


def _check_holders(entry: WrittenBudget, path: Path, problems: Problems) -> None:
    stated = [key for key in _HOLDERS if getattr(entry, key)]
    if len(stated) > 1:
        problems.add((*path, stated[1]), f"a budget is for one of group, user and service_principal, and {stated[0]} is stated already")
    if entry.overrides and entry.scope != "per_user":
        problems.add((*path, "overrides"), 'are for scope = "per_user": a shared budget has one amount')


def _check_filters(entry: WrittenBudget, path: Path, problems: Problems) -> None:
    if not is_pattern(entry.endpoint):
        problems.add((*path, "endpoint"), f"{entry.endpoint!r} is no endpoint's name and no pattern of one, such as databricks-claude-* or *")
    if len(entry.request_tag) > 1:
        problems.add((*path, "request_tag"), "has more than one tag; write a budget for each")
    for key, value in entry.request_tag.items():
        if not key or not value or len(key) + len(value) > _TAG_CHARS_MAX:
            problems.add((*path, "request_tag"), 'needs the name of a tag and its value, such as { team = "search" }')


def _check_amounts(entry: WrittenBudget, path: Path, problems: Problems) -> None:
    if not entry.per:
        problems.add((*path, "per"), 'a budget needs a period: "day", "week" or "month"')
    if entry.usd is None:
        problems.add((*path, "usd"), "a budget needs an amount, such as usd = 50.0")
    rates = {key: getattr(entry, key) for key in ("unpriced_input_mtok", "unpriced_output_mtok")}
    for key, value in rates.items():
        if entry.unpriced == RATE and value is None:
            problems.add((*path, key), 'is needed for unpriced = "rate"')
        elif entry.unpriced != RATE and value is not None:
            problems.add((*path, key), 'is for unpriced = "rate" only')


def _check_actions(actions: Sequence[WrittenAction], path: Path, problems: Problems) -> None:
    seen: set[tuple[str, float | None]] = set()
    kinds: set[str] = set()
    for index, action in enumerate(actions):
        at: Path = (*path, "actions", index)
        if not action.do or action.percent is None:
            problems.add(at, 'an action needs percent and do, such as { percent = 80, do = "warn" }')
        elif (action.do, action.percent) in seen or (action.do != "warn" and action.do in kinds):
            problems.add(at, f"is one {action.do} too many: each percent warns once, and a budget has one downgrade and one block")
        if action.do == DOWNGRADE and not is_name(action.to):
            problems.add((*at, "to"), "a downgrade needs the name of the endpoint that serves instead")
        elif action.do != DOWNGRADE and action.to:
            problems.add((*at, "to"), f"a {action.do} has no endpoint" if action.do else "is for a downgrade")
        seen.add((action.do, action.percent))
        kinds.add(action.do)


def _zone(name: str, path: Path, problems: Problems) -> dt.tzinfo:
    if name == "UTC":
        return dt.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        problems.add(path, f"no time zone is named {name!r}{nearest(name, _zone_names())}")
        return dt.UTC


def _zone_names() -> Collection[str]:
    return zoneinfo.available_timezones()


def _webhook(reference: str, path: Path, references: References | None, problems: Problems) -> Secret | None:
    if not reference:
        return None
    if references is None:
        problems.add(path, "can only be set in the configuration file")
        return None
    try:
        known = references.known.get(reference)
        secret = Secret(known) if known else resolve_secret(reference, references.environ, references.directory)
        parts = urlsplit(secret.reveal())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except BadReference as error:
        problems.add(path, str(error))
        return None
    except ValueError:
        usable = False
    if not usable:
        problems.add(path, f"what {reference} holds is no URL of a webhook: https://HOST/PATH, without a user name")
        return None
    return secret


def _budget(entry: WrittenBudget) -> Budget:
    kind = next((key for key in _HOLDERS if getattr(entry, key)), "")
    tag_key, tag_value = next(iter(entry.request_tag.items()), ("", ""))
    rate = FallbackRate(entry.unpriced_input_mtok or 0.0, entry.unpriced_output_mtok or 0.0) if entry.unpriced == RATE else None
    actions = (BudgetAction(action.percent or 0.0, action.do, action.to) for action in entry.actions)
    return Budget(
        name=entry.name,
        nano_usd=_nano(entry.usd or 0.0),
        per=entry.per,
        zone_name=entry.timezone,
        per_user=entry.scope == "per_user",
        of_session=entry.session,
        holder_kind=kind,
        holder=getattr(entry, kind) if kind else "",
        endpoint=entry.endpoint,
        agent=entry.agent,
        tag_key=tag_key,
        tag_value=tag_value,
        actions=tuple(sorted(actions, key=lambda action: (action.percent, action.kind == BLOCK))),
        overrides={name: _nano(usd) for name, usd in entry.overrides.items()},
        unpriced=entry.unpriced,
        rate=rate,
        hard=entry.hard,
    )


def _nano(usd: float) -> int:
    return int(Decimal(repr(usd)) * NANO_PER_USD)
