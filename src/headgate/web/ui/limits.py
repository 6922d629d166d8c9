"""`/limits`: every limit and budget with what is used of it, and the forms that declare, change and delete those of the store. For administrators."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from headgate.admin.declared import DeclaredObject
from headgate.admin.objects import ObjectAdmin
from headgate.admin.page_queries import PageQueries
from headgate.admin.what_if import WhatIfAnswer, WhatIfQuestions
from headgate.config.objects import KINDS, entry_of
from headgate.core.errors import BadRequest, GatewayError, NotFound
from headgate.core.limit import MEASURES
from headgate.core.scopes import ADMIN
from headgate.policy.budget_text import BudgetMeter, meter
from headgate.policy.limit_refusal import where_text, whose_text
from headgate.policy.limits import Count
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.fields import Fields
from headgate.web.ui.governance import Governance, has_values
from headgate.web.ui.limit_forms import LIMIT_KEYS, budget_document, form_values, limit_document
from headgate.web.ui.limit_trial import tried_in_words, what_if_asked
from headgate.web.ui.refused_form import NEW_FORM, FormState, refused_form
from headgate.web.ui.routes import PageRequest, PageRoute

TABS: Final = {"limits": "Limits", "budgets": "Budgets", "try": "What would happen", "refusals": "Recent refusals"}
WORDS: Final = {"limits": "limit", "budgets": "budget"}
_FULLEST = 5
_METERS_MAX = 200
_DOCUMENTS: Mapping[str, Callable[[Fields], dict[str, Any]]] = {"limits": limit_document, "budgets": budget_document}


class LimitParts(msgspec.Struct, frozen=True):
    """What the pages of limits are made from. `follow` puts in force what the store holds."""

    objects: ObjectAdmin
    governance: Governance
    queries: PageQueries
    trials: WhatIfQuestions
    follow: Callable[[], Awaitable[None]]
    now_ms: Callable[[], int]


class ShownUse(msgspec.Struct, frozen=True):
    """How much of one measure of a limit is used: by all its requests, or by the value that used the most."""

    measure: str
    maximum: int
    used: int
    whose: str = ""

    @property
    def share(self) -> float:
        """The part that is used."""
        return self.used / self.maximum


class ShownObject(msgspec.Struct, frozen=True):
    """A limit or budget as the list has it, in words."""

    declared: DeclaredObject
    whose: str = ""
    where: str = ""
    per: str = ""
    bounds: Sequence[tuple[str, int]] = ()
    uses: Sequence[ShownUse] = ()
    counts: int = 0
    meters: Sequence[BudgetMeter] = ()


class LimitPages:
    """The lists, and one object with its form."""

    def __init__(self, parts: LimitParts) -> None:
        self._parts = parts

    async def listed(self, request: PageRequest, show: str, form: FormState = NEW_FORM, **more: Any) -> PageAnswer:  # ruff: ignore[any-type] values of a template
        """All limits or all budgets, and the form for a new one."""
        values = {"trial": None, "status": 200} | more
        found = await asyncio.to_thread(self._parts.objects.listed, WORDS[show])
        shown = await self._limits(found) if show == "limits" else self._budgets(found)
        return request.framed(
            "limits.html",
            "Limits and budgets",
            show=show,
            tabs=TABS,
            listed=shown,
            form=form,
            values={},
            keys=LIMIT_KEYS,
            measures=MEASURES,
            **values,
        )

    async def make(self, show: str, request: PageRequest) -> PageAnswer:
        """Declare one, or try it against the last days without declaring it."""
        try:
            document = _DOCUMENTS[show](request.form)
            if request.form.get("act") == "try":
                trial = await self._tried(request, show, document, "")
                return await self.listed(request, show, FormState("object", "", request.form), trial=trial)
            await self._write(lambda: self._parts.objects.create(WORDS[show], document, request.principal.name))
        except GatewayError as error:
            return await self.listed(request, show, refused_form("object", error, request.form), status=error.status)
        return redirect(f"/limits?show={show}")

    async def one(self, show: str, request: PageRequest) -> PageAnswer:
        """One of them, with the form that changes it."""
        return await self._page(show, request)

    async def act(self, show: str, request: PageRequest) -> PageAnswer:
        """Change, delete or try it."""
        objects, which, by, form = self._parts.objects, request.parameters["object_id"], request.principal.name, request.form
        word, act, etag = WORDS[show], form.get("act", ""), form.get("etag", "")
        try:
            if act == "delete":
                await self._write(lambda: objects.delete(word, which, by, etag))
                return redirect(f"/limits?show={show}")
            document = _DOCUMENTS[show](form)
            if act == "try":
                trial = await self._tried(request, show, document, which)
                return await self._page(show, request, FormState("object", "", form), trial=trial)
            if act != "save":
                raise BadRequest("This page has no form of that kind.")
            await self._write(lambda: objects.change(word, which, document, by, mask=["*"], etag=etag))
        except NotFound:
            raise
        except GatewayError as error:
            return await self._page(show, request, refused_form("object", error, form), status=error.status)
        return redirect(f"/limits/{show}/{which}")

    async def _page(self, show: str, request: PageRequest, form: FormState = NEW_FORM, **more: Any) -> PageAnswer:  # ruff: ignore[any-type] values of a template
        values = {"trial": None, "status": 200} | more
        found = await asyncio.to_thread(self._parts.objects.find, WORDS[show], request.parameters["object_id"])
        (shown,) = await self._limits([found]) if show == "limits" else self._budgets([found])
        # A form that was refused keeps the revision that it was made for: what another administrator saved meanwhile is looked at first.
        etag = form.value("object", "etag", found.etag)
        return request.framed(
            "limit.html",
            f"{WORDS[show].capitalize()} {found.name}",
            show=show,
            shown=shown,
            etag=etag,
            form=form,
            values=form_values(WORDS[show], found.document),
            keys=LIMIT_KEYS,
            measures=MEASURES,
            **values,
        )

    async def _tried(self, request: PageRequest, show: str, document: Mapping[str, Any], which: str) -> Mapping[str, Any]:
        parts, word = self._parts, WORDS[show]
        tried = await asyncio.to_thread(parts.objects.tried, word, document, which)
        others = [each for each in await asyncio.to_thread(parts.objects.all_of, word) if each.name != tried.name and each.id != which]
        asked = await asyncio.to_thread(what_if_asked, word, tried, others, parts.governance)
        answer: WhatIfAnswer = await parts.trials.what_if(asked, request.principal)
        return tried_in_words(tried.name, answer, asked.days)

    async def _write(self, work: Callable[[], object]) -> None:
        await asyncio.to_thread(work)
        await self._parts.follow()

    def _budgets(self, found: Sequence[DeclaredObject]) -> list[ShownObject]:
        meters: dict[str, list[BudgetMeter]] = {}
        for state in self._parts.governance.budgets():
            own = meters.setdefault(state.budget.name, [])
            if len(own) < _METERS_MAX:
                own.append(meter(state))
        return [ShownObject(each, per=each.document.get("per", ""), meters=() if each.problem else meters.get(each.name, ())) for each in found]

    async def _limits(self, found: Sequence[DeclaredObject]) -> list[ShownObject]:
        governance = self._parts.governance
        table = governance.snapshot().limits
        shared = table.shared if table is not None else {}
        by_name = {" ".join(part for part in limit_id.split("\n") if part): count for limit_id, count in shared.items()}
        own = {count.limit.id: used for count, used in governance.reservations.limits_used(shared.values())}
        values = governance.value_meters(shared)
        named: dict[bytes, str] = {}
        for limit_id, counts in values.items():
            keys = {key for key, _ in counts[:_FULLEST]}
            if keys:
                named |= await asyncio.to_thread(governance.named_values, shared[limit_id], keys)
        return [_shown_limit(each, None if each.problem else by_name.get(each.name), own, values, named) for each in found]


def limit_routes(parts: LimitParts, others: Callable[[str, PageRequest], Awaitable[PageAnswer]]) -> tuple[PageRoute, ...]:
    """`/limits` and what is below it. `others` makes the tabs that are no list."""
    pages = LimitPages(parts)

    async def show(request: PageRequest) -> PageAnswer:
        wanted = request.query.get("show", "limits")
        return await (others(wanted, request) if wanted in {"try", "refusals"} else pages.listed(request, wanted if wanted in WORDS else "limits"))

    return (
        PageRoute("GET", "/limits", ADMIN, show),
        *(PageRoute("POST", f"/limits/{each}", ADMIN, partial(pages.make, each)) for each in WORDS),
        *(PageRoute("GET", f"/limits/{each}/{{object_id}}", ADMIN, partial(pages.one, each)) for each in WORDS),
        *(PageRoute("POST", f"/limits/{each}/{{object_id}}", ADMIN, partial(pages.act, each)) for each in WORDS),
    )


def _shown_limit(
    each: DeclaredObject,
    count: Count | None,
    own: Mapping[str, Sequence[int]],
    values: Mapping[str, Sequence[tuple[bytes, Sequence[int]]]],
    named: Mapping[bytes, str],
) -> ShownObject:
    """A limit in words, with what is used of it. One that is not in force has no counts."""
    if count is None:
        entry, wrong = entry_of(KINDS["limit"], each.document)
        bounds = [] if wrong else [(measure, maximum) for measure in MEASURES if (maximum := getattr(entry, measure))]
        return ShownObject(each, each.document.get("key", ""), str(each.document.get("endpoint", "*")), str(each.document.get("per", "")), bounds)
    limit = count.limit
    shown = [(place, MEASURES[place], maximum) for place, maximum in count.bounds]
    counts = values.get(limit.id, ()) if has_values(limit) else ()
    uses = [ShownUse(measure, maximum, used[place], named.get(key, "")) for key, used in counts[:_FULLEST] for place, measure, maximum in shown]
    if not has_values(limit):
        uses = [ShownUse(measure, maximum, own[limit.id][place]) for place, measure, maximum in shown]
    return ShownObject(
        each,
        whose_text(limit, ""),
        where_text(limit),
        limit.per,
        [(measure, maximum) for _, measure, maximum in shown],
        uses,
        len(counts),
    )
