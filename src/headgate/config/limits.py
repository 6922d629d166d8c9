"""Compiles declared rate limits. Checks what spans several keys of one limit, and several limits."""

from collections import Counter
from collections.abc import Sequence

from headgate.config.entries import WrittenLimit
from headgate.config.problems import Path, Problems
from headgate.core.limit import CONCURRENT, MEASURES, OUTPUT_TOKENS, TOKENS, Limit
from headgate.core.model_names import is_pattern

_PRINCIPALS = frozenset({"user", "group", "service_principal"})  # keys that name one
_OF_ENDPOINT_MAX = 20  # both as in Databricks
_OF_GROUPS_MAX = 5


def limit_name(entry: WrittenLimit) -> str:
    """What a limit is known by: what it counts and its window. Limits of one name would count the same, so there is one."""
    return " ".join(part for part in _limit(entry).id.split("\n") if part)


def compile_limits(entries: Sequence[WrittenLimit], problems: Problems) -> tuple[Limit, ...]:
    """The limits, in the order of their entries."""
    limits: list[Limit] = []
    places: dict[str, int] = {}
    of_endpoint: Counter[str] = Counter()
    of_groups: Counter[str] = Counter()
    for index, entry in enumerate(entries):
        path: Path = ("limits", index)
        _check(entry, path, problems)
        limit = _limit(entry)
        if limit.id in places:
            problems.add(path, f"limits what limits[{places[limit.id]}] limits already: write all numbers of one key and window into one entry")
        places.setdefault(limit.id, index)
        of_endpoint[entry.endpoint] += 1
        of_groups[entry.endpoint] += entry.key == "group"
        if of_endpoint[entry.endpoint] == _OF_ENDPOINT_MAX + 1:
            problems.add(path, f"is one too many for endpoint {entry.endpoint!r}, which may have {_OF_ENDPOINT_MAX} limits")
        if entry.key == "group" and of_groups[entry.endpoint] == _OF_GROUPS_MAX + 1:
            problems.add(path, f"is one too many for groups on endpoint {entry.endpoint!r}, which may have {_OF_GROUPS_MAX}")
        limits.append(limit)
    return tuple(limits)


def _check(entry: WrittenLimit, path: Path, problems: Problems) -> None:
    if not is_pattern(entry.endpoint):
        problems.add((*path, "endpoint"), f"{entry.endpoint!r} is no endpoint's name and no pattern of one, such as databricks-claude-* or *")
    if not entry.key:
        problems.add((*path, "key"), 'a limit needs a key, such as "user_default"')
        return
    _check_holder(entry, path, problems)
    stated = [measure for measure in MEASURES if getattr(entry, measure) is not None]
    if not stated:
        problems.add(path, f"a limit needs at least one of {', '.join(MEASURES)}")
    elif not entry.per and stated != [CONCURRENT]:
        problems.add((*path, "per"), 'a limit needs a window: "minute", "hour" or "day"')
    if entry.hard and not {TOKENS, OUTPUT_TOKENS} & set(stated):
        problems.add((*path, "hard"), "is about the output that is reserved: set tokens or output_tokens with it")


def _check_holder(entry: WrittenLimit, path: Path, problems: Problems) -> None:
    """Check that a key has the name that it needs, and no other."""
    key = entry.key
    if key in _PRINCIPALS and not entry.principal:
        problems.add((*path, "principal"), f'a limit with the key "{key}" needs the name of the {key.replace("_", " ")}')
    if key == "request_tag" and not entry.request_tag_key:
        problems.add((*path, "request_tag_key"), 'a limit with the key "request_tag" needs the name of the tag')
    allowed = {
        "principal": key in _PRINCIPALS,
        "request_tag_key": key == "request_tag",
        "request_tag_value": key == "request_tag",
        "agent": key == "agent",
    }
    for name, fits in allowed.items():
        if getattr(entry, name) and not fits:
            problems.add((*path, name), f'a limit with the key "{key}" has no {name}')


def _limit(entry: WrittenLimit) -> Limit:
    holder = entry.principal or entry.agent
    per = entry.per or "minute"
    return Limit(
        id=f"{entry.endpoint}\n{entry.key}\n{holder}\n{entry.request_tag_key}\n{entry.request_tag_value}\n{per}",
        endpoint=entry.endpoint,
        key=entry.key,
        holder=holder,
        tag_key=entry.request_tag_key,
        tag_value=entry.request_tag_value,
        per=per,
        bounds=tuple((measure, maximum) for measure in MEASURES if (maximum := getattr(entry, measure)) is not None),
        hard=entry.hard,
    )
