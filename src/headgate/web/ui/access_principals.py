"""One user, group or service principal: what it is, what applies to it, and the forms that change it. For administrators."""

import asyncio
from functools import partial
from typing import Any

import msgspec

from headgate.admin.principals import WORDS, Described, PrincipalChange
from headgate.admin.token_ports import TokenPage
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.principal_name import GROUP
from headgate.core.roles import ROLES
from headgate.core.scopes import ADMIN
from headgate.policy.budget_text import meter
from headgate.web.ui.access_forms import changed_roles
from headgate.web.ui.access_parts import KINDS, SEGMENTS, AccessParts
from headgate.web.ui.access_tokens import shown_token
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.paging import following
from headgate.web.ui.refused_form import NEW_FORM, FormState, refused_form
from headgate.web.ui.routes import PageRequest, PageRoute

_TOKENS_SHOWN = 20
_MEMBERS_SHOWN = 100


class _Changed(msgspec.Struct, frozen=True):
    """A change that a form asks for, and of which principal: in the end a group's members change with the group."""

    which: str
    change: PrincipalChange
    kind: str = ""


def principal_page_routes(parts: AccessParts) -> tuple[PageRoute, ...]:
    """One page for each kind of principals."""
    pages = _Principals(parts)
    return tuple(
        PageRoute(method, f"/access/{segment}/{{principal_id}}", ADMIN, partial(call, segment))
        for segment in KINDS
        for method, call in (("GET", pages.show), ("POST", pages.act))
    )


class _Principals:
    """The page of one principal."""

    def __init__(self, parts: AccessParts) -> None:
        self._parts = parts

    async def show(self, segment: str, request: PageRequest) -> PageAnswer:
        """What it is, and what applies to it."""
        return await self._page(segment, request)

    async def act(self, segment: str, request: PageRequest) -> PageAnswer:
        """Change it as the form says."""
        parts, which, actor = self._parts, request.parameters["principal_id"], request.principal
        act = request.form.get("act", "")
        try:
            if act == "delete":
                if request.form.get("sure") != "yes":
                    raise BadRequest("Tick the box first: nothing brings back what is deleted.")
                await parts.change(lambda: parts.principals.delete(actor, which, KINDS[segment]))
                return redirect(f"/access?show={segment}")
            asked = _asked(act, which, request)
            await parts.change(lambda: parts.principals.change(actor, asked.which, asked.change, asked.kind))
        except GatewayError as error:
            return await self._page(segment, request, refused_form(act, error, request.form), error.status)
        return redirect(f"/access/{segment}/{which}")

    async def _page(self, segment: str, request: PageRequest, form: FormState = NEW_FORM, status: int = 200) -> PageAnswer:
        kind, which = KINDS[segment], request.parameters["principal_id"]
        found, tokens = await asyncio.to_thread(self._read, which, kind, request)
        values = self._applying(found) if kind != GROUP else {"applying": None, "budgets": ()}
        return request.framed(
            "principal.html",
            found.row.display_name or found.row.name,
            status=status,
            form=form,
            row=found.row,
            word=WORDS[kind],
            segment=segment,
            segments=SEGMENTS,
            is_group=kind == GROUP,
            roles=ROLES,
            groups=found.groups,
            **_members(found, request),
            tokens=tokens,
            tokens_shown=_TOKENS_SHOWN,
            **values,
        )

    def _read(self, which: str, kind: str, request: PageRequest) -> tuple[Described, list[dict[str, Any]]]:
        found = self._parts.principals.show(which, kind)
        if kind == GROUP:
            return found, []
        now_ms = self._parts.now_ms
        asked = TokenPage(principal_id=found.row.id, live_at_ms=now_ms, limit=_TOKENS_SHOWN)
        return found, [shown_token(row, now_ms) for row in self._parts.tokens.page(asked, request.caller)]

    def _applying(self, found: Described) -> dict[str, Any]:
        applying = self._parts.governance.applying(found.row.name)
        return {"applying": applying, "budgets": [meter(state) for state in applying.budgets]}


def _members(found: Described, request: PageRequest) -> dict[str, Any]:
    """One page of a group's members, in the order of their names, and the addresses of the pages beside it."""
    asked = request.query.get("members_from", "")
    first = min(int(asked), len(found.members)) if asked.isdecimal() and len(asked) < 10 else 0
    last = min(first + _MEMBERS_SHOWN, len(found.members))
    return {
        "members": found.members[first:last],
        "members_first": first,
        "members_count": len(found.members),
        "members_before": following(request, members_from=max(0, first - _MEMBERS_SHOWN)) if first else "",
        "members_after": following(request, members_from=last) if last < len(found.members) else "",
    }


def _asked(act: str, which: str, request: PageRequest) -> _Changed:
    form = request.form
    match act:
        case "roles":
            return _Changed(which, changed_roles(form))
        case "activate" | "deactivate":
            return _Changed(which, PrincipalChange(active=act == "activate"))
        case "names":
            return _Changed(which, PrincipalChange(display_name=form.get("display_name", "").strip()))
        case "join":
            return _Changed(form.get("group", "").strip(), PrincipalChange(add_members=[which]), GROUP)
        case "leave":
            return _Changed(form.get("group", ""), PrincipalChange(remove_members=[which]), GROUP)
        case "add":
            return _Changed(which, PrincipalChange(add_members=[form.get("member", "").strip()]), GROUP)
        case "remove":
            return _Changed(which, PrincipalChange(remove_members=[form.get("member", "")]), GROUP)
    raise BadRequest("This page has no form of that kind.")
