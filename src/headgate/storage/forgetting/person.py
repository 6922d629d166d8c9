"""One person as rows name them, and the conditions that find those rows. Pure text.

A condition compares hashes with a salt, because delta-rs writes it into the table's log, where a name would stay after its rows are gone. Each condition
on an attribute looks at two columns: delta-rs 1.6 cannot delete by one that looks at a part of a single nested column.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

import msgspec

_USER_KEYS = ("user.email", "user.name", "user.id", "user.account_id", "enduser.id")  # attributes in which agents and Headgate name a user
_SESSION_KEYS = ("session.id", "conversation.id")
POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


class NamedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A user's name, the ids of their principals, and what replaces the name. `sessions` are agent sessions that are theirs alone."""

    name: str
    ids: tuple[str, ...]
    pseudonym: str
    salt: str
    sessions: tuple[str, ...] = ()


def pseudonym_of(name: str, pepper: bytes) -> str:
    """What replaces a name: the same for the same name in one store, and no way back without the store's key."""
    return f"forgotten-{hmac.new(pepper, b'forget ' + name.encode(), hashlib.sha256).hexdigest()[:12]}"


def named(person: NamedPerson, *expressions: str) -> str:
    """True where one of these texts is the person's name."""
    digest = hashlib.sha256((person.salt + person.name).encode()).hexdigest()
    return " OR ".join(f"encode(sha256(concat('{person.salt}', coalesce({text}, ''))), 'hex') = '{digest}'" for text in expressions)


def of_columns(person: NamedPerson, columns: Iterable[str], id_column: str = "") -> str:
    """The condition for rows that name a person in a column of their own, by name or by id."""
    by_id = [f"{id_column} IN ({_listed(person.ids)})"] if id_column and person.ids else []
    return " OR ".join([*by_id, named(person, *columns)])


def of_attributes(person: NamedPerson, places: Sequence[str]) -> str:
    """The condition for rows of telemetry whose attributes name a person or one of their sessions. `places` are the columns of attributes."""
    found = [named(person, *(_attribute(places, key) for key in _USER_KEYS))]
    if person.sessions:
        found += [f"coalesce({_attribute(places, key)}, '') IN ({_listed(person.sessions)})" for key in _SESSION_KEYS]
    return " OR ".join(found)


def _attribute(places: Sequence[str], key: str) -> str:
    return f"coalesce({', '.join(f'''{place}['{key}']''' for place in places)})"


def _listed(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
