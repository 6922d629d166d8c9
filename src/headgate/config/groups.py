"""Compiles groups. Checks names, and that no group contains itself."""

from collections.abc import Sequence

from headgate.config.entries import WrittenGroup
from headgate.config.problems import Path, Problems
from headgate.core.group import Group, circles
from headgate.core.principal import is_reserved
from headgate.core.principal_name import PrincipalName, principal_name

_CHARS_MAX = 128


def compile_groups(entries: Sequence[WrittenGroup], problems: Problems) -> tuple[Group, ...]:
    """The groups, in the order of their entries."""
    groups: list[Group] = []
    places: dict[str, int] = {}
    for index, entry in enumerate(entries):
        path: Path = ("groups", index)
        _check_name(entry.name, (*path, "name"), problems)
        if entry.name and entry.name in places:
            problems.add((*path, "name"), f"{entry.name!r} is already the name of groups[{places[entry.name]}]")
            continue
        places[entry.name] = index
        groups.append(Group(entry.name, tuple(_member(text, (*path, "members", place), problems) for place, text in enumerate(entry.members))))
    for circle in circles(groups):
        reason = "contains itself" if len(circle) == 2 else f"contains itself: {' contains '.join(map(repr, circle))}"
        problems.add(("groups", places[circle[0]], "members"), f"the group {circle[0]!r} {reason}")
    return tuple(groups)


def check_principal(text: str, path: Path, problems: Problems) -> PrincipalName:
    """A principal as an entry names it. Notes what cannot be a name."""
    named = principal_name(text)
    name = named.name
    if not name.strip() or name != name.strip() or len(name) > _CHARS_MAX or not name.isprintable():
        problems.add(path, f"{text!r} is no name: 1 to {_CHARS_MAX} printable characters without spaces around them")
    return named


def _check_name(name: str, path: Path, problems: Problems) -> None:
    if not name:
        problems.add(path, "a group needs a name")
    elif is_reserved(name):
        problems.add(path, f"the name {name!r} is reserved: it is that of a built-in group or Headgate's own")
    elif principal_name(name).kind:
        problems.add(path, f"{name!r} would be read as {name.partition(':')[2]!r} with its kind: choose another name")
    else:
        check_principal(name, path, problems)


def _member(text: str, path: Path, problems: Problems) -> PrincipalName:
    named = check_principal(text, path, problems)
    if is_reserved(named.name):
        problems.add(path, f"{named.name!r} is a built-in group or Headgate itself, and no member of a group")
    return named
