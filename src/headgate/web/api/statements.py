"""`/api/2.0/sql/statements`: passes calls to the statement process. Reads no statement and writes no row; both go through as bytes."""

from collections.abc import Callable

from headgate.admin.statement_ports import CallKind, StatementCall, StatementService
from headgate.core.access_token import AccessToken
from headgate.core.acting import acting
from headgate.core.errors import BadRequest, Forbidden
from headgate.core.scopes import PUBLIC, SQL
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_ROOT = "/api/2.0/sql/statements"
_ARROW = "application/vnd.apache.arrow.stream"


def statement_routes(service: StatementService, live_token: Callable[[str], AccessToken | None]) -> tuple[ApiRoute, ...]:
    """The routes over one runner of statements. `live_token` finds the token of an id, if it may still be used."""

    async def answer(kind: CallKind, request: ApiRequest, token: AccessToken) -> ApiAnswer:
        call = StatementCall(
            kind=kind,
            principal=token.principal,
            statement_id=request.parameters.get("statement_id", ""),
            chunk=_chunk(request.parameters.get("chunk", "0")),
            body=request.body,
            base_url=request.base_url,
            signature=request.query.get("s", ""),
            token_id=token.id,
            actor=acting(),
        )
        return ApiAnswer(await service.call(call), _ARROW if kind == "link" else "application/json")

    async def execute(request: ApiRequest) -> ApiAnswer:
        return await answer("execute", request, request.caller)

    async def get(request: ApiRequest) -> ApiAnswer:
        return await answer("get", request, request.caller)

    async def chunk(request: ApiRequest) -> ApiAnswer:
        return await answer("chunk", request, request.caller)

    async def cancel(request: ApiRequest) -> ApiAnswer:
        return await answer("cancel", request, request.caller)

    async def link(request: ApiRequest) -> ApiAnswer:
        token = live_token(request.query.get("s", "").partition(".")[0])
        if token is None:
            raise Forbidden("This link is not one of ours, or the token that it was made for was revoked or has expired.", code="PERMISSION_DENIED")
        return await answer("link", request, token)

    return (
        ApiRoute("POST", _ROOT, SQL, execute),
        ApiRoute("POST", f"{_ROOT}/", SQL, execute),  # older clients write it so
        ApiRoute("GET", f"{_ROOT}/{{statement_id}}", SQL, get),
        ApiRoute("POST", f"{_ROOT}/{{statement_id}}/cancel", SQL, cancel),
        ApiRoute("GET", f"{_ROOT}/{{statement_id}}/result/chunks/{{chunk}}", SQL, chunk),
        ApiRoute("GET", f"{_ROOT}/{{statement_id}}/result/arrow/{{chunk}}", PUBLIC, link),  # is authenticated by Headgate's signature
    )


def _chunk(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BadRequest(f"{text[:32]!r} is not the number of a chunk.", code="INVALID_PARAMETER_VALUE")
    return int(text)
