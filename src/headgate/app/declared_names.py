"""Notes on names in grants, limits and budgets that nothing has: endpoints and groups that were perhaps mistyped. They may come later, so a note refuses nothing."""

from collections.abc import Iterator

from headgate.config.load import Configuration
from headgate.config.problems import Path
from headgate.config.toml_lines import key_lines
from headgate.core.principal import ADMINS, ALL_USERS
from headgate.core.principal_name import GROUP, WORDS, PrincipalName
from headgate.core.spelling import nearest
from headgate.routing.table import EndpointTable
from headgate.routing.unmatched import why_unmatched

_NOTES_MAX = 20
_NEAR = 0.8  # a user's name may be a little like a group's

Place = tuple[str, int, str]  # section, index, key


def notes_on_names(declared: Configuration, table: EndpointTable, groups: frozenset[str]) -> list[str]:
    """One note for each such name, at most twenty. `groups` are the names of all groups."""
    notes: list[str] = []
    lines: dict[Path, int] | None = None  # looked for with the first note: mostly there is none
    for (section, index, key), reason in _found(declared, table, groups):
        if lines is None:
            lines = key_lines(declared.text) if declared.text else {}
        if index < len(getattr(declared.settings, section)):  # those of the store come after them
            file = declared.file.name if declared.file is not None else "the configuration"
            where = f"{file}:{lines.get((section, index, key)) or lines.get((section, index), 0)}: {section}[{index}].{key}"
        else:
            where = f"a {section.removesuffix('s')} of the store"
        notes.append(f"{where}: {reason}")
        if len(notes) == _NOTES_MAX:
            break
    return notes


def _found(declared: Configuration, table: EndpointTable, groups: frozenset[str]) -> Iterator[tuple[Place, str]]:
    reasons: dict[str, str] = {"*": "", **dict.fromkeys((endpoint.name for endpoint in table.everything()), "")}
    for section, index, key, pattern in _patterns(declared):
        if pattern not in reasons:
            reasons[pattern] = why_unmatched(table, pattern)
        if reasons[pattern]:
            yield (section, index, key), reasons[pattern]
    for_grants = groups | {ADMINS, *ALL_USERS}  # only grants have built-in groups
    for section, index, key, named in _principals(declared):
        reason = _why_unknown(named, for_grants if section == "grants" else groups)
        if reason:
            yield (section, index, key), reason


def _patterns(declared: Configuration) -> Iterator[tuple[str, int, str, str]]:
    for index, grant in enumerate(declared.grants):
        yield "grants", index, "endpoint", grant.endpoint
    for index, limit in enumerate(declared.limits):
        yield "limits", index, "endpoint", limit.endpoint
    for index, budget in enumerate(declared.budgets):
        yield "budgets", index, "endpoint", budget.endpoint
        for action in budget.actions:
            if action.to:
                yield "budgets", index, "actions", action.to


def _principals(declared: Configuration) -> Iterator[tuple[str, int, str, PrincipalName]]:
    for index, grant in enumerate(declared.grants):
        yield "grants", index, "principal", grant.principal
    for index, limit in enumerate(declared.limits):
        if limit.key in WORDS:
            yield "limits", index, "principal", PrincipalName(limit.holder, WORDS[limit.key])
    for index, budget in enumerate(declared.budgets):
        if budget.holder_kind in WORDS:
            yield "budgets", index, budget.holder_kind, PrincipalName(budget.holder, WORDS[budget.holder_kind])


def _why_unknown(named: PrincipalName, groups: frozenset[str]) -> str:
    if named.name in groups:
        return ""
    if named.kind == GROUP:
        meant = nearest(named.name, sorted(groups))
        return f"no group is named {named.name!r}" + (f" — did you mean {meant!r}?" if meant else "")
    meant = nearest(named.name, sorted(groups), _NEAR) if not named.kind else ""
    return f"no group is named {named.name!r}, so it is the name of a user or service principal — did you mean {meant!r}?" if meant else ""
