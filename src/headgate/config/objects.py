"""Governed objects as they are declared: the kinds there are, one check for what the file and the store declare, and both together as one configuration.

It stores nothing. Where the file and the store declare the same name, the file counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from headgate.config.budgets import compile_budgets
from headgate.config.endpoints import compile_endpoints
from headgate.config.entries import WrittenBudget, WrittenEndpoint, WrittenGrant, WrittenLimit
from headgate.config.grants import compile_grants, grant_name
from headgate.config.limits import compile_limits, limit_name
from headgate.config.load import Configuration
from headgate.config.problems import Problem, Problems
from headgate.config.toml_lines import key_lines
from headgate.config.validate import validate_entry
from headgate.core.endpoint import Provider, deleted_provider
from headgate.core.group import DeclaredGroup
from headgate.core.stored_object import StoredObject

Compile = Callable[[Sequence[Any], Sequence[Provider], Problems], tuple[Any, ...]]


class ObjectKind(msgspec.Struct, frozen=True):
    """A kind of objects. `section` is the array of tables in the file, and the field of a configuration that has what is compiled of it.

    `compile` returns one value for each entry that it finds no problem with. `name_of` is what an entry is known by; two may not share it.
    `providers_of` are the names of the providers that an entry needs. `file_only` are the fields that only an entry of the file may have.
    """

    word: str
    section: str
    shape: type[msgspec.Struct]
    name_of: Callable[[Any], str]
    compile: Compile
    id_prefix: str
    providers_of: Callable[[Any], Iterable[str]] = lambda _: ()
    file_only: frozenset[str] = frozenset()

    @property
    def with_article(self) -> str:
        """The kind as a sentence names one of it: `a limit`, `an endpoint`."""
        return f"{'an' if self.word[0] in 'aeiou' else 'a'} {self.word}"


def _providers_of_endpoint(entry: WrittenEndpoint) -> Iterable[str]:
    return (target.provider for target in (*entry.targets, *entry.fallbacks))


KINDS: Mapping[str, ObjectKind] = {
    kind.word: kind
    for kind in (
        ObjectKind("endpoint", "endpoints", WrittenEndpoint, lambda entry: entry.name, compile_endpoints, "ep", _providers_of_endpoint),
        ObjectKind("grant", "grants", WrittenGrant, grant_name, lambda entries, _, problems: compile_grants(entries, problems), "gr"),
        ObjectKind("limit", "limits", WrittenLimit, limit_name, lambda entries, _, problems: compile_limits(entries, problems), "lim"),
        ObjectKind(
            "budget",
            "budgets",
            WrittenBudget,
            lambda entry: entry.name,
            lambda entries, _, problems: compile_budgets(entries, problems),
            "bdg",
            file_only=frozenset({"webhook"}),
        ),
    )
}


class DeclaredEntry(msgspec.Struct, frozen=True):
    """An entry of the file, its name, and where it is: `headgate.toml:12`."""

    name: str
    entry: Any
    place: str


def declared_in_file(kind: ObjectKind, configuration: Configuration) -> list[DeclaredEntry]:
    """The objects of a kind that the file declares, in its order."""
    return [DeclaredEntry(kind.name_of(entry), entry, place) for entry, place in _with_places(kind.section, configuration)]


def declared_groups(configuration: Configuration) -> tuple[DeclaredGroup, ...]:
    """The groups that the file declares, in its order, with their places."""
    return tuple(DeclaredGroup(entry.name, tuple(entry.members), place) for entry, place in _with_places("groups", configuration))


def declared_providers(configuration: Configuration) -> dict[str, str]:
    """Where the file declares each of its providers, by name."""
    return {entry.name: place for entry, place in _with_places("providers", configuration)}


def entry_of(kind: ObjectKind, document: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """The entry that a document is, and what is wrong with its form."""
    problems = Problems("", {})
    entry = validate_entry(document, kind.shape, problems)
    return entry, [_text(problem, "") for problem in problems.found]


def problems_of(kind: ObjectKind, entry: object, others: Sequence[object], providers: Sequence[Provider]) -> list[str]:
    """What is wrong with an entry of valid form, alone or beside the others of its kind."""
    problems = Problems("", {})
    kind.compile([*others, entry], providers, problems)
    own = f"{kind.section}[{len(others)}]"
    return [_text(problem, own) for problem in problems.found if problem.path.startswith(own)]


def with_stored(configuration: Configuration, stored: Sequence[StoredObject]) -> Configuration:
    """The configuration together with the objects of the store. One that cannot be used is left out, and a note says why."""
    if not stored:
        return configuration
    notes = list(configuration.notes)
    changed: dict[str, tuple[Any, ...]] = {}
    for kind in KINDS.values():
        taken = {kind.name_of(entry) for entry in getattr(configuration.settings, kind.section)}
        own = [one for one in stored if one.kind == kind.word and one.name not in taken]
        notes.extend(
            f"{kind.word} {one.name} of the store is not used: the file declares it too"
            for one in stored
            if one.kind == kind.word and one.name in taken
        )
        if own:
            compiled = [value for one in own for value in _compiled(kind, one, configuration.providers, notes)]
            changed[kind.section] = (*getattr(configuration, kind.section), *compiled)
    return msgspec.structs.replace(configuration, notes=tuple(notes), **changed)


def wrong_with(kind: ObjectKind, document: Mapping[str, Any], providers: Sequence[Provider]) -> list[str]:
    """Why a document of the store is not used, or what of it is gone. Empty for one that is whole."""
    entry, wrong = entry_of(kind, document)
    return wrong or _checked(kind, entry, providers)[1] or _lost(kind, entry, providers)


def _compiled(kind: ObjectKind, one: StoredObject, providers: Sequence[Provider], notes: list[str]) -> tuple[Any, ...]:
    entry, wrong = entry_of(kind, one.document)
    values, wrong = ((), wrong) if wrong else _checked(kind, entry, providers)
    if wrong:
        notes.append(f"{kind.word} {one.name} of the store is not used: {'; '.join(wrong)}")
    else:
        notes.extend(f"{kind.word} {one.name} of the store: {lost}" for lost in _lost(kind, entry, providers))
    return values


def _checked(kind: ObjectKind, entry: object, providers: Sequence[Provider]) -> tuple[tuple[Any, ...], list[str]]:
    """What is compiled of a stored entry, or what is wrong with it. A provider that is gone is no problem: what goes there refuses."""
    problems = Problems("", {})
    values = kind.compile([entry], [*providers, *map(deleted_provider, _gone(kind, entry, providers))], problems)
    wrong = [_text(problem, f"{kind.section}[0]") for problem in problems.found]
    return ((), wrong) if wrong else (values, [])


def _lost(kind: ObjectKind, entry: object, providers: Sequence[Provider]) -> list[str]:
    return [f"provider {name!r} is gone: requests to it are refused" for name in _gone(kind, entry, providers)]


def _gone(kind: ObjectKind, entry: object, providers: Sequence[Provider]) -> list[str]:
    known = {provider.name for provider in providers}
    return sorted({name for name in kind.providers_of(entry) if name and name not in known})


def _with_places(section: str, configuration: Configuration) -> list[tuple[Any, str]]:
    entries = getattr(configuration.settings, section)
    lines = key_lines(configuration.text) if entries and configuration.text else {}
    file = configuration.file.name if configuration.file is not None else "the configuration"
    return [(entry, f"{file}:{lines.get((section, index), 0)}") for index, entry in enumerate(entries)]


def _text(problem: Problem, prefix: str) -> str:
    path = problem.path.removeprefix(prefix).removeprefix(".")
    return f"{path}: {problem.reason}" if path else problem.reason
