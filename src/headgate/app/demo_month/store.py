"""The people of the demo in its store: users, groups and tokens, and the budgets and limits that are declared for them. Made through the use-cases of the
pages and the command line. What is there already is left as it is, so that people may change it.
"""

from collections.abc import Mapping

from headgate.admin.objects import ObjectAdmin
from headgate.admin.principals import NewPrincipal, PrincipalAdmin
from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import TokenAdmin
from headgate.app.demo_month import budgets
from headgate.app.demo_month.cast import GROUPS, PEOPLE, Person
from headgate.app.demo_month.happenings import Identity
from headgate.app.demo_month.messages import DemoTable
from headgate.app.demo_month.tables import ensure_tables
from headgate.config.load import Configuration
from headgate.config.paths import DataDirectory
from headgate.core.clock import Clock
from headgate.core.principal import HEADGATE, USER
from headgate.core.principal_name import GROUP
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.store import open_state

_BY = "headgate"


class DemoStore:
    """The demo's part of the control state. `close` closes it."""

    def __init__(self, data: DataDirectory, configuration: Configuration, clock: Clock) -> None:
        self._clock = clock
        self._state, pepper = open_state(data)
        self._principals = PrincipalAdmin(PrincipalStore(self._state.database), clock)
        self._tokens = TokenAdmin(self._state, pepper, clock)
        self._objects = ObjectAdmin(ObjectStore(self._state.database), lambda: configuration, clock)

    def people(self) -> dict[str, Identity]:
        """The people's identities, by name. Missing people are made, with a token and in a group."""
        tokens = {row.principal.id: row.id for row in self._tokens.list()}
        found = {person.name: self._identity(person, tokens) for person in PEOPLE}
        for group in GROUPS:
            if self._principals.find(group, GROUP) is None:
                members = tuple(person.name for person in PEOPLE if person.group == group)
                self._principals.create(HEADGATE, NewPrincipal(name=group, kind=GROUP, members=members))
        return found

    def declare(self, spent_usd: Mapping[str, float]) -> None:
        """Declare the budgets and limits, unless some are declared. `spent_usd` is what each group has spent in this month."""
        if not self._objects.all_of("budget"):
            with self._objects.editing(_BY) as edit:
                edit.create("budget", budgets.day_document())
                for group in GROUPS:
                    edit.create("budget", budgets.team_document(group, spent_usd.get(group, 0.0)))
        if not self._objects.all_of("limit"):
            with self._objects.editing(_BY) as edit:
                for document in budgets.limit_documents():
                    edit.create("limit", document)

    def tables(self, data: DataDirectory, warehouse: str) -> dict[str, DemoTable]:
        """The tables for what agents export, by signal. Missing ones are made."""
        return ensure_tables(data, self._state.database, warehouse, self._clock)

    def close(self) -> None:
        """Close the database."""
        self._state.close()

    def _identity(self, person: Person, tokens: Mapping[str, str]) -> Identity:
        known = self._principals.find(person.name, USER)
        if known is None:
            roles = (person.role,) if person.role else ()
            known = self._principals.create(HEADGATE, NewPrincipal(name=person.name, display_name=person.shown, roles=roles))
        token_id = tokens.get(known.row.id) or self._tokens.create(TokenRequest(name=f"laptop of {person.shown}", user=person.name)).row.id
        return Identity(known.row.id, token_id)
