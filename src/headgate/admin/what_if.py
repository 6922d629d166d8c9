"""What a limit or a budget that is not stored would have done to past requests: the port that answers it, its question and its answer as values.

Imports nothing that is slow to load.
"""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from headgate.core.principal import Principal

DAYS = 30
PEOPLE_SHOWN = 50


class WhatIfAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A limit or budget as its document, and what the answer depends on beside the requests.

    `others` are the documents of the other limits, which may take the place of this one for a principal. `names` are all names of each endpoint by one of them,
    `groups` the groups of each principal by its name, as far as limits and budgets name these groups.
    """

    kind: Literal["limit", "budget"]
    document: Mapping[str, Any]
    others: tuple[Mapping[str, Any], ...] = ()
    names: Mapping[str, tuple[str, ...]] = {}
    groups: Mapping[str, frozenset[str]] = {}
    days: int = DAYS


class Counted(msgspec.Struct, frozen=True):
    """How many requests were counted by the limit or budget, and what it would have done to them. A request that was sent to another endpoint and then refused
    is in `refused` alone.
    """

    counted: int = 0
    refused: int = 0
    warned: int = 0
    downgraded: int = 0


class PersonCounted(msgspec.Struct, frozen=True):
    """The same for one principal. `first_refused_ms` is when the first of its requests would have been refused; 0 for never."""

    who: str
    counts: Counted
    first_refused_ms: int = 0


class WhatIfAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What would have happened. `people` are those that it would have touched, the most refused first, at most fifty; `people_touched` is their number.

    `firsts` has when each thing would have happened first, by its name (`refused`, `warned`, `downgraded`). `by_day` has the refused by day in UTC.
    `from_ms` to `to_ms` is the time that the answer covers, which is shorter than what was asked for where there are more requests than are read.
    """

    total: Counted = Counted()
    requests: int = 0
    people: tuple[PersonCounted, ...] = ()
    people_touched: int = 0
    firsts: Mapping[str, int] = {}
    by_day: Mapping[str, int] = {}
    from_ms: int = 0
    to_ms: int = 0
    took_ms: int = 0


class WhatIfQuestions(Protocol):
    """Answers such questions."""

    async def what_if(self, asked: WhatIfAsked, principal: Principal) -> WhatIfAnswer:
        """What would have happened to the requests that this principal may read about. Raises BadRequest for a document that is not valid."""
