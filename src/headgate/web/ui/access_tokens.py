"""Tokens on pages: the list, the form that makes one, and one token with its secret, which is shown once. For administrators, and for members their own."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from headgate.admin.token_ports import TokenPage, TokenRow
from headgate.admin.token_request import USUAL_SCOPES
from headgate.agents.registry import AGENTS
from headgate.agents.setting import AgentConnection
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.scopes import ADMIN, ANY, SCOPES
from headgate.web.ui.access_forms import LIFETIMES, OVERLAPS, overlap_s, token_request
from headgate.web.ui.access_parts import PAGE_ROWS, AccessParts
from headgate.web.ui.agent_files import Snippet, snippets
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.paging import following
from headgate.web.ui.refused_form import NEW_FORM, FormState, refused_form
from headgate.web.ui.routes import PageRequest, PageRoute

_SCOPE_WORDS = {
    "inference": "ask models",
    "telemetry": "send telemetry",
    "sql": "use SQL and the catalog",
    "admin": "administer Headgate",
}
_OWN_OVERLAP_S_MIN = 600
_ALL, _OWN = "/access/tokens", "/me/tokens"


def token_page_routes(parts: AccessParts) -> tuple[PageRoute, ...]:
    """One token below `/access/tokens`, and a principal's own tokens at `/me/tokens`."""
    every, own = _Tokens(parts, _ALL), _Tokens(parts, _OWN)
    return (
        PageRoute("GET", f"{_ALL}/{{token_id}}", ADMIN, every.show),
        PageRoute("POST", f"{_ALL}/{{token_id}}", ADMIN, every.act),
        PageRoute("GET", _OWN, ANY, own.list),
        PageRoute("POST", _OWN, ANY, own.make),
        PageRoute("GET", f"{_OWN}/{{token_id}}", ANY, own.show),
        PageRoute("POST", f"{_OWN}/{{token_id}}", ANY, own.act),
    )


def token_form_values(request: PageRequest) -> dict[str, Any]:
    """What the form that makes a token needs: the scopes that the caller may give, and how long a token may live."""
    principal = request.principal
    order = [scope for scope in _SCOPE_WORDS if principal.is_administrator or scope in principal.scopes]
    return {
        "scopes": {scope: _SCOPE_WORDS[scope] for scope in order},
        "usual_scopes": USUAL_SCOPES,
        "lifetimes": LIFETIMES,
        "for_others": principal.is_administrator,
    }


async def listed_tokens(parts: AccessParts, request: PageRequest, *, own: bool = False) -> tuple[Sequence[Mapping[str, Any]], str]:
    """A page of tokens as the list shows them, and the address of the next one; empty if there is none."""
    query, before = request.query, request.query.get("before", "").partition("-")
    now_ms = parts.now_ms
    asked = TokenPage(
        search=query.get("q", "").strip(),
        principal_id=request.principal.id if own else query.get("owner", ""),
        before_ms=int(before[0]) if before[0].isdecimal() and len(before[0]) < 16 else 0,
        before_id=before[2],
        live_at_ms=0 if query.get("state") == "all" else now_ms,
        limit=PAGE_ROWS + 1,
    )
    rows = await asyncio.to_thread(partial(parts.tokens.page, asked, request.caller))
    shown = rows[:PAGE_ROWS]
    more = following(request, before=f"{shown[-1].created_at_ms}-{shown[-1].id}") if len(rows) > len(shown) else ""
    return [shown_token(row, now_ms) for row in shown], more


def shown_token(row: TokenRow, now_ms: int) -> dict[str, Any]:
    """A token as pages show it."""
    state = "revoked" if row.revoked_at_ms else "live" if row.is_live(now_ms) else "ended"
    return {"row": row, "state": state, "everywhere": not row.networks, "all_endpoints": row.endpoints == ("*",)}


async def made_token(parts: AccessParts, request: PageRequest, base: str) -> PageAnswer:
    """Make the token that the form asks for, and go to its page, which shows the secret once."""
    asked, caller = token_request(request.form), request.caller
    made = await parts.change(lambda: parts.tokens.create(asked, caller))
    parts.secrets.put(caller.id, made.row.id, made.token)
    return redirect(f"{base}/{made.row.id}")


class _Tokens:
    """The pages below one address."""

    def __init__(self, parts: AccessParts, base: str) -> None:
        self._parts = parts
        self._base = base

    async def list(self, request: PageRequest) -> PageAnswer:
        """The caller's own tokens."""
        return await self._listed(request)

    async def make(self, request: PageRequest) -> PageAnswer:
        """Make a token for the caller itself; a form that names another principal is refused."""
        try:
            if request.form.get("holder"):
                raise BadRequest("A token that is made here is for yourself. Administrators make tokens for others on the page Access.")
            return await made_token(self._parts, request, self._base)
        except GatewayError as error:
            return await self._listed(request, refused_form("token", error, request.form), error.status)

    async def show(self, request: PageRequest) -> PageAnswer:
        """One token; with its secret if it was made a moment ago."""
        return await self._shown(request)

    async def act(self, request: PageRequest) -> PageAnswer:
        """Rotate or revoke it."""
        parts, caller, which = self._parts, request.caller, request.parameters["token_id"]
        act = request.form.get("act", "")
        try:
            if act == "rotate":
                seconds = await self._overlap_s(request, which)
                made = await parts.change(lambda: parts.tokens.rotate(which, seconds, caller))
                parts.secrets.put(caller.id, made.row.id, made.token)
                return redirect(f"{self._base}/{made.row.id}")
            if act != "revoke":
                raise BadRequest("A token can be rotated or revoked here.")
            await parts.change(lambda: parts.tokens.revoke(which, caller))
        except GatewayError as error:
            return await self._shown(request, refused_form(act, error, request.form), error.status)
        return redirect(f"{self._base}/{which}" if which != caller.id else "/login")

    async def _overlap_s(self, request: PageRequest, which: str) -> int:
        """For how long both secrets work. The session lives as long as its token: that has to be long enough for the page with the new secret."""
        seconds, caller = overlap_s(request.form), request.caller
        row = await asyncio.to_thread(partial(self._parts.tokens.get, which, caller))
        if row.id == caller.id and seconds < _OWN_OVERLAP_S_MIN:
            raise BadRequest("You are signed in with this token. Let it work for 10 minutes at least, so that the page can show you the new secret.")
        return seconds

    async def _listed(self, request: PageRequest, form: FormState = NEW_FORM, status: int = 200) -> PageAnswer:
        tokens, more = await listed_tokens(self._parts, request, own=True)
        values = token_form_values(request) | {"listed": tokens, "more": more, "for_others": False}
        return request.framed("me_tokens.html", "My tokens", status=status, form=form, mine=request.caller, **values)

    async def _shown(self, request: PageRequest, form: FormState = NEW_FORM, status: int = 200) -> PageAnswer:
        caller, which = request.caller, request.parameters["token_id"]
        row = await asyncio.to_thread(partial(self._parts.tokens.get, which, caller))
        secret = self._parts.secrets.take(caller.id, row.id)
        return request.framed(
            "token.html",
            f"Token {row.name}",
            status=status,
            form=form,
            token=shown_token(row, self._parts.now_ms),
            scope_words={scope: _SCOPE_WORDS[scope] for scope in row.scopes if scope in SCOPES},
            base=self._base,
            own=row.principal.id == request.principal.id,
            may_rotate=request.principal.is_administrator or row.id == caller.id,
            this_session=row.id == caller.id,
            overlaps={text: words for text, words in OVERLAPS.items() if row.id != caller.id or int(text) >= _OWN_OVERLAP_S_MIN},
            secret=secret,
            snippets=snippets_with(secret, request.url) if secret else (),
            url=request.url,
        )


def snippets_with(secret: str, url: str) -> list[tuple[str, list[Snippet], str]]:
    """Each agent's configuration with the address and the token in it: the agent, its texts with their places, and what else must be known."""
    return [(agent.name, snippets(agent, AgentConnection(url=url, model=agent.model, token=secret)), agent.note) for agent in AGENTS]
