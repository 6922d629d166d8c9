"""`/access`: users, groups, service principals and tokens as long lists with a search, and the forms that make a new one. For administrators."""

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec

from headgate.admin.principal_ports import PrincipalPage
from headgate.admin.principals import WORDS, ListedPrincipals
from headgate.admin.token_ports import TokenUse
from headgate.core.errors import GatewayError
from headgate.core.group import DeclaredGroup
from headgate.core.principal import USER
from headgate.core.principal_name import GROUP
from headgate.core.roles import ROLES
from headgate.core.scopes import ADMIN
from headgate.web.ui.access_forms import new_principal
from headgate.web.ui.access_parts import KINDS, PAGE_ROWS, SEGMENTS, AccessParts
from headgate.web.ui.access_tokens import listed_tokens, made_token, token_form_values
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.paging import following
from headgate.web.ui.refused_form import NEW_FORM, FormState, refused_form
from headgate.web.ui.routes import PageRequest, PageRoute

TABS = {"users": "Users", "groups": "Groups", "service-principals": "Service principals", "tokens": "Tokens"}


class ListedPrincipal(msgspec.Struct, frozen=True):
    """A row of the list."""

    id: str
    name: str
    display_name: str
    roles: tuple[str, ...]
    active: bool
    groups: Sequence[str]
    members: int
    use: TokenUse


def access_routes(parts: AccessParts) -> tuple[PageRoute, ...]:
    """`/access`, and what its forms are sent to."""
    pages = _Access(parts)
    return (
        PageRoute("GET", "/access", ADMIN, pages.show),
        *(PageRoute("POST", f"/access/{segment}", ADMIN, partial(pages.make, segment)) for segment in KINDS),
        PageRoute("POST", "/access/tokens", ADMIN, pages.make_token),
    )


class _Access:
    """The lists, and the forms above them."""

    def __init__(self, parts: AccessParts) -> None:
        self._parts = parts

    async def show(self, request: PageRequest) -> PageAnswer:
        """The list that the address asks for."""
        show = request.query.get("show", "")
        return await self._page(request, show if show in TABS else "users")

    async def make(self, segment: str, request: PageRequest) -> PageAnswer:
        """Make a user, a group or a service principal."""
        try:
            new = new_principal(KINDS[segment], request.form)
            made = await self._parts.change(lambda: self._parts.principals.create(request.principal, new))
        except GatewayError as error:
            return await self._page(request, segment, refused_form("new", error, request.form), error.status)
        return redirect(f"/access/{segment}/{made.row.id}")

    async def make_token(self, request: PageRequest) -> PageAnswer:
        """Make a token for the administrator or for another principal."""
        try:
            return await made_token(self._parts, request, "/access/tokens")
        except GatewayError as error:
            return await self._page(request, "tokens", refused_form("token", error, request.form), error.status)

    async def _page(self, request: PageRequest, show: str, form: FormState = NEW_FORM, status: int = 200) -> PageAnswer:
        query = request.query
        search, tabs = query.get("q", "").strip(), TABS
        if show == "tokens":
            tokens, more = await listed_tokens(self._parts, request)
            values = token_form_values(request) | {"listed": tokens, "more": more, "all_states": query.get("state") == "all"}
            values |= {"holder": query.get("for", ""), "holder_kind": query.get("kind", "")}
            return request.framed("access_tokens.html", "Access", status=status, show=show, tabs=tabs, search=search, form=form, **values)
        kind = KINDS[show]
        asked = PrincipalPage(kind=kind, search=search, after=query.get("after", ""), limit=PAGE_ROWS)
        listed, found = await asyncio.to_thread(self._read, request, asked)
        return request.framed(
            "access.html",
            "Access",
            status=status,
            show=show,
            tabs=tabs,
            search=search,
            form=form,
            word=WORDS[kind],
            is_group=kind == GROUP,
            is_user=kind == USER,
            roles=ROLES,
            listed=listed,
            declared=self._declared(asked) if kind == GROUP else (),
            more=following(request, after=listed[-1].name) if found.more and listed else "",
            segment=SEGMENTS[kind],
        )

    def _read(self, request: PageRequest, asked: PrincipalPage) -> tuple[list[ListedPrincipal], ListedPrincipals]:
        """One page of principals with the use of their tokens."""
        found = self._parts.principals.page(asked)
        uses = self._parts.tokens.uses([row.id for row in found.rows], request.caller) if asked.kind != GROUP else {}
        declared = self._parts.principals.declared()
        written = {row.name: [group.name for group in declared if row.name in group.members] for row in found.rows}
        rows = [
            ListedPrincipal(
                id=row.id,
                name=row.name,
                display_name=row.display_name,
                roles=row.roles,
                active=row.active,
                groups=(*found.groups.get(row.id, ()), *written[row.name]),
                members=found.members.get(row.id, 0),
                use=uses.get(row.id, TokenUse()),
            )
            for row in found.rows
        ]
        return rows, found

    def _declared(self, asked: PrincipalPage) -> Sequence[DeclaredGroup]:
        """The groups of the file, on the first page of groups."""
        if asked.after:
            return ()
        return [group for group in self._parts.principals.declared() if asked.search.lower() in group.name.lower()]
