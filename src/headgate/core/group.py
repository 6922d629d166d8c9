"""Groups and who is in them, also through groups in groups. Pure; the groups of the file and those of the store are answered for by one object."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from headgate.core.principal import SERVICE_PRINCIPAL, Principal
from headgate.core.principal_name import GROUP, PrincipalName

_NONE: frozenset[str] = frozenset()


class Group(msgspec.Struct, frozen=True):
    """A group as it is declared. A member is a user, a service principal or another group."""

    name: str
    members: tuple[PrincipalName, ...] = ()


class DeclaredGroup(msgspec.Struct, frozen=True):
    """A group of the configuration file as it is shown: its members as the file names them, and where the file declares it."""

    name: str
    members: tuple[str, ...] = ()
    place: str = ""


class Memberships:
    """The groups of every principal, direct and through nested groups. Immutable, built once for all principals.

    Groups in a circle, which two sources can make together, all contain each other.
    """

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        declared = tuple(groups)
        self.names = frozenset(group.name for group in declared)
        nested: dict[str, set[str]] = defaultdict(set)
        direct: dict[PrincipalName, set[str]] = defaultdict(set)
        for group in declared:
            for member in group.members:
                if is_group(member, self.names):
                    nested[member.name].add(group.name)
                else:
                    direct[member].add(group.name)
        around = self._around = {name: _reached(name, nested) for name in self.names}
        shared: dict[frozenset[str], frozenset[str]] = {}  # thousands of principals are in the same few groups
        self._groups: dict[PrincipalName, frozenset[str]] = {}
        for member, inside in direct.items():
            own = frozenset(inside)
            if own not in shared:
                shared[own] = _NONE.union(*(around[name] for name in own))
            self._groups[member] = shared[own]

    def members_of(self, name: str) -> tuple[str, ...]:
        """The names of all users and service principals in a group, through groups in it too, in order."""
        return tuple(sorted(member.name for member, groups in self._groups.items() if name in groups))

    def around(self, group: str) -> frozenset[str]:
        """The names of the groups that a group is in, and its own."""
        return self._around.get(group, frozenset({group}))

    def of(self, principal: Principal) -> frozenset[str]:
        """The names of all groups that a principal is in. A service principal can be named by its id too."""
        if not self._groups:
            return _NONE
        names = (principal.name, principal.id) if principal.kind == SERVICE_PRINCIPAL else (principal.name,)
        written = (PrincipalName(name, kind) for name in names for kind in ("", principal.kind))
        found = [self._groups[each] for each in written if each in self._groups]
        return found[0] if len(found) == 1 else _NONE.union(*found)


def is_group(name: PrincipalName, groups: frozenset[str]) -> bool:
    """Whether a group of these names is meant."""
    return name.kind == GROUP or (not name.kind and name.name in groups)


def circles(groups: Iterable[Group]) -> Iterator[tuple[str, ...]]:
    """Groups that contain themselves: each shortest path from one back to itself, and none twice."""
    declared = tuple(groups)
    names = frozenset(group.name for group in declared)
    inner = {group.name: [member.name for member in group.members if is_group(member, names)] for group in declared}
    reported: set[str] = set()
    for name in inner:
        path = _path_back(name, inner)
        if path and reported.isdisjoint(path):
            reported.update(path)
            yield path


def _reached(start: str, edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The start and everything that is reached from it."""
    found, waiting = {start}, [start]
    while waiting:
        for each in edges.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(found)


def _path_back(start: str, edges: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    paths: deque[tuple[str, ...]] = deque([(start,)])  # shorter ones come first
    seen: set[str] = set()
    while paths:
        path = paths.popleft()
        for each in edges.get(path[-1], ()):
            if each == start:
                return (*path, start)
            if each not in seen:
                seen.add(each)
                paths.append((*path, each))
    return ()
