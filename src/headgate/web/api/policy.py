"""What would happen to a request (`/api/2.0/headgate/policy/explain`): administrators ask about everybody, everybody else about themselves."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from headgate.core.errors import BadRequest, Forbidden
from headgate.core.scopes import INFERENCE
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_TAGS_MAX = 32


class ExplainRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. `user` is the name of a user or service principal; `dialect` is by default the agent's, or the first that can be served."""

    user: str
    model: str
    agent: str = ""
    dialect: str = ""
    session_id: str = ""
    tags: Mapping[str, str] = {}


Explain = Callable[[ExplainRequest], dict[str, Any]]


def policy_routes(explain: Explain) -> tuple[ApiRoute, ...]:
    """The routes."""

    async def answer(request: ApiRequest) -> ApiAnswer:
        query = request.query
        user = query.get("user") or request.principal.name
        if user != request.principal.name and not request.principal.is_administrator:
            raise Forbidden("Only administrators may ask about other users. Leave out `user` to ask about yourself.", code="PERMISSION_DENIED")
        if not query.get("model"):
            raise BadRequest("Say which model: ?model=NAME, as an agent would ask for it.", code="INVALID_PARAMETER_VALUE")
        asked = ExplainRequest(
            user=user,
            model=query["model"],
            agent=query.get("agent", ""),
            dialect=query.get("dialect", ""),
            session_id=query.get("session", ""),
            tags=_tags(query.get("tags", "")),
        )
        return ApiAnswer(explain(asked))

    return (ApiRoute("GET", "/api/2.0/headgate/policy/explain", INFERENCE, answer),)


def _tags(text: str) -> dict[str, str]:
    try:
        tags = msgspec.json.decode(text, type=dict[str, str]) if text else {}
    except msgspec.DecodeError as error:
        raise BadRequest('`tags` is a JSON object of texts, such as {"team": "search"}.', code="INVALID_PARAMETER_VALUE") from error
    if len(tags) > _TAGS_MAX:
        raise BadRequest(f"A request has at most {_TAGS_MAX} tags.", code="INVALID_PARAMETER_VALUE")
    return tags
