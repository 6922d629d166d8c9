"""Answers what would happen if a principal asked for a model with an agent: in the serving process with its own counts, for a command with those on disk."""

from collections.abc import Callable
from typing import Any

import msgspec

from headgate.app.control import Control
from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Target
from headgate.core.errors import BadRequest, UnknownModel, Untranslatable
from headgate.core.principal import Principal
from headgate.core.spelling import did_you_mean, nearest
from headgate.dialects.registry import CLIENTS
from headgate.dialects.smallest import smallest_request
from headgate.exchange.exchange import Exchanges
from headgate.exchange.explanation import AskedRequest, Explainer, Explanation
from headgate.exchange.snapshot import Snapshot
from headgate.policy.budget_text import meter
from headgate.web.api.me import LimitMeter, Remaining
from headgate.web.api.policy import ExplainRequest
from headgate.web.routes import GATEWAY_ROUTES
from headgate.web.ui.governance import Governance, MeterLine

# The format that each agent speaks; the others are tried in this order too.
_FACES = {"claude-code": "anthropic", "codex": "openai_responses", "gemini-cli": "gemini", "cursor": "cursor"}
_ANY = ("anthropic", "openai_responses", "gemini", "openai_chat")
_OPERATIONS = {route.dialect: route.operation for route in reversed(GATEWAY_ROUTES) if route.operation is not None and route.operation.generates}


class Explaining:
    """Explains with one worker's state. `token_as` is a token of the principal of a name, with its groups and roles, or one as it would have."""

    def __init__(self, explainer: Explainer, snapshot: Callable[[], Snapshot], token_as: Callable[[str], AccessToken]) -> None:
        self._explainer = explainer
        self._snapshot = snapshot
        self._token_as = token_as

    def explain(self, asked: ExplainRequest) -> dict[str, Any]:
        """The answer as JSON has it. Raises BadRequest for an unknown dialect."""
        if asked.dialect and asked.dialect not in CLIENTS:
            meant = nearest(asked.dialect, sorted(CLIENTS))
            text = f"No dialect is named {asked.dialect!r}; there are {', '.join(CLIENTS)}.{did_you_mean(meant)}"
            raise BadRequest(text, code="INVALID_PARAMETER_VALUE")
        token = self._token_as(asked.user)
        dialects = (asked.dialect or _FACES.get(asked.agent, ""),) if asked.dialect or asked.agent in _FACES else _ANY
        found = [(dialect, self._explained(asked, dialect, token)) for dialect in dialects]
        served = [each for each in found if not isinstance(each[1].refusal, UnknownModel | Untranslatable)]
        native = (each for each in served if not each[1].targets or each[1].targets[0].dialect == each[0])
        dialect, explanation = next(native, served[0] if served else found[0])
        return _shown(asked, dialect, token, explanation)

    def _explained(self, asked: ExplainRequest, dialect: str, token: AccessToken) -> Explanation:
        question = AskedRequest(
            token=token,
            face=CLIENTS[dialect],
            operation=_OPERATIONS[dialect],
            body=smallest_request(dialect, asked.model),
            model=asked.model,
            agent=asked.agent,
            session_id=asked.session_id,
            tags=asked.tags,
        )
        return self._explainer.explain(question, self._snapshot())


def governance(control: Control, exchanges: Exchanges) -> Governance:
    """What limits, budgets and grants say at this moment in a serving process."""
    explaining = Explaining(Explainer(exchanges.admissions, exchanges.failures), control.snapshot, control.token_as)
    return Governance(control.snapshot, exchanges.admissions.store, control.token_as, explaining.explain, control.members_of)


def remaining(governed: Governance, principal: Principal) -> Remaining:
    """What is left of a principal's own limits and budgets."""
    applying = governed.applying_to(principal)
    return Remaining([_limit_meter(line) for line in applying.limits], [meter(state) for state in applying.budgets])


def _limit_meter(line: MeterLine) -> LimitMeter:
    limit = line.limit
    return LimitMeter(
        key=limit.key,
        whose=line.whose,
        endpoint=limit.endpoint,
        measure=line.measure,
        per=limit.per,
        maximum=line.maximum,
        used=line.used,
        remaining=line.left,
    )


def _shown(asked: ExplainRequest, dialect: str, token: AccessToken, found: Explanation) -> dict[str, Any]:
    refusal = found.refusal
    return {
        "user": asked.user,
        "has_token": bool(token.id),
        "groups": sorted(token.principal.groups),
        "model": asked.model,
        "agent": asked.agent,
        "dialect": dialect,
        "allowed": refusal is None,
        "refusal": None if refusal is None else {"status": refusal.status, "code": refusal.code, "message": refusal.message},
        "endpoint": found.endpoint,
        "downgraded_from": found.downgraded_from,
        "targets": [_target(target, found, dialect) for target in found.targets],
        "grants": [{"principal": str(grant.principal), "endpoint": grant.endpoint, "permission": grant.permission} for grant in found.grants],
        "privileges": [msgspec.to_builtins(privilege) for privilege in found.privileges],
        "limits": [msgspec.to_builtins(limit) | {"remaining": max(0, limit.maximum - limit.used)} for limit in found.limits],
        "budgets": [meter(state) for state in found.budgets],
    }


def _target(target: Target, found: Explanation, dialect: str) -> dict[str, Any]:
    """A target; `translated_to` is the format that a request in this dialect is translated to for it, `None` where it passes as it is."""
    return {
        "provider": target.provider.name,
        "model": target.model,
        "dialect": target.dialect,
        "translated_to": None if target.dialect == CLIENTS[dialect].speaks else target.dialect,
        "passed_over": target in found.passed_over,
    }
