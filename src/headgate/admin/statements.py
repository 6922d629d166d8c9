"""Starts SQL statements, waits for them, returns their results in chunks and cancels them, as Databricks' interface does. A failed statement is an answer.

Decides nothing about tables: ports run queries and commands. Results stay in memory for an hour, within a bound, and only their principal may read them.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

import msgspec

from headgate.admin import sql_states, statement_result
from headgate.admin.statement_ports import Parameter, Queries, Query, Reading, Relations, Rows
from headgate.admin.statement_result import ARROW_STREAM, EXTERNAL_LINKS, INLINE, JSON_ARRAY, Result
from headgate.catalog import names
from headgate.catalog.names import DEFAULTS, Defaults
from headgate.catalog.statements import QueryStatement, Statement, UseDefault
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, GatewayError, NotFound, Unavailable
from headgate.core.ids import new_uuid
from headgate.core.principal import Principal

PATH = "/api/2.0/sql/statements"
_LOG = logging.getLogger(__name__)
_KEPT_MAX = 200
_KEPT_BYTES_MAX = 256 << 20
_KEPT_S = 3600.0
_RUNNING_MAX = 200
_RUNNING_EACH_MAX = 20
_ERROR_CODES = {
    "QUERY_TIMEOUT": "DEADLINE_EXCEEDED",
    "QUERY_OUT_OF_MEMORY": "RESOURCE_EXHAUSTED",
    "QUERY_WORKER_DIED": "RESOURCE_EXHAUSTED",
    "QUERY_ENGINE_FAILED": "INTERNAL_ERROR",
}


class StatementParameter(msgspec.Struct, frozen=True):
    """A named parameter as it is sent."""

    name: str
    value: str | None = None
    type: str = "STRING"


class StatementRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an execution request. Other fields (`warehouse_id`, …) are ignored."""

    statement: str
    catalog: str = ""
    schema: str = ""
    parameters: tuple[StatementParameter, ...] = ()
    wait_timeout: str = "10s"
    on_wait_timeout: str = "CONTINUE"
    disposition: str = INLINE
    format: str = JSON_ARRAY
    row_limit: int | None = None
    byte_limit: int | None = None


class StatementLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement may use."""

    timeout_s: float = 60.0
    row_limit: int = 1_000_000
    byte_limit: int = 26_214_400


class _Statement:
    """One statement, from its start until its result is dropped."""

    def __init__(self, statement_id: str, owner: str, request: StatementRequest, started_s: float) -> None:
        self.id = statement_id
        self.owner = owner
        self.request = request
        self.started_s = started_s
        self.ended_s: float | None = None
        self.state = "RUNNING"
        self.error: GatewayError | None = None
        self.result: Result | None = None
        self.task: asyncio.Task[Result] | None = None


class Statements:
    """The use-cases over one pool of queries and one catalog. `close` cancels what still runs."""

    def __init__(
        self,
        reading: Reading,
        queries: Queries,
        run_command: Callable[[Statement, Query], Awaitable[Rows]],
        relations: Callable[[Principal], Awaitable[Relations]],
        clock: Clock,
        limits: StatementLimits,
    ) -> None:
        self._reading = reading
        self._queries = queries
        self._run_command = run_command
        self._relations = relations
        self._clock = clock
        self._limits = limits
        self._kept: dict[str, _Statement] = {}
        self.on_failed: Callable[[GatewayError], None] | None = None  # hears why a statement failed

    async def execute(self, request: StatementRequest, principal: Principal) -> dict[str, object]:
        """Start a statement, and answer with its state at the end of the wait."""
        wait_s = _wait_s(request.wait_timeout)
        _check(request)
        statement = self._start(request, principal, _defaults(request))
        if statement.task is not None and wait_s:
            await asyncio.wait({statement.task}, timeout=wait_s)
            if not statement.task.done() and request.on_wait_timeout == "CANCEL":
                await self._cancel(statement)
        return self._answer(statement)

    async def result(self, request: StatementRequest, principal: Principal) -> Result:
        """Run a statement to its end and return its rows; a failure is raised. For the command line and the pages."""
        return await self._run(request, principal, _defaults(request))

    def get(self, statement_id: str, principal: Principal) -> dict[str, object]:
        """The state of a statement, with its first chunk if it has succeeded."""
        return self._answer(self._find(statement_id, principal))

    def chunk(self, statement_id: str, chunk: int, principal: Principal) -> dict[str, object]:
        """One chunk of a result, in the form that was asked for."""
        statement, result = self._succeeded(statement_id, chunk, principal)
        return _chunk(statement.id, result, chunk, statement.request, self._expires_at(statement))

    def arrow(self, statement_id: str, chunk: int, principal: Principal) -> bytes:
        """One chunk as an Arrow stream: what an external link leads to."""
        return statement_result.arrow_bytes(self._succeeded(statement_id, chunk, principal)[1], chunk)

    async def cancel(self, statement_id: str, principal: Principal) -> None:
        """Stop a statement; one that has ended stays as it is."""
        await self._cancel(self._find(statement_id, principal))

    async def close(self) -> None:
        """Stop everything that still runs."""
        running = [statement for statement in self._kept.values() if statement.task is not None and not statement.task.done()]
        for statement in running:
            await self._cancel(statement)

    def _start(self, request: StatementRequest, principal: Principal, defaults: Defaults) -> _Statement:
        self._forget()
        self._refuse_crowd(principal.name)
        statement = _Statement(new_uuid(self._clock.wall_ns()), principal.name, request, self._clock.monotonic_s())
        self._kept[statement.id] = statement
        # Owned here: kept in the statement, ended by `_cancel` or `close`, looked at by `_ended`.
        statement.task = asyncio.get_running_loop().create_task(self._run(request, principal, defaults))
        statement.task.add_done_callback(lambda task: self._ended(statement, task))
        return statement

    def _refuse_crowd(self, owner: str) -> None:
        running = Counter(statement.owner for statement in self._kept.values() if statement.state == "RUNNING")
        if running[owner] >= _RUNNING_EACH_MAX:
            message = (
                f"{_RUNNING_EACH_MAX} statements of yours are running or waiting, which is the most for one user. Wait for one to end, or cancel one."
            )
            raise Unavailable(message, code="TOO_MANY_STATEMENTS", retry_after_s=1.0)
        if running.total() >= _RUNNING_MAX:
            raise Unavailable(f"{_RUNNING_MAX} statements are running; try again shortly.", code="TOO_MANY_STATEMENTS", retry_after_s=1.0)

    async def _run(self, request: StatementRequest, principal: Principal, defaults: Defaults) -> Result:
        """Parse and run. The time limit of a query includes every wait; a command that has started is not stopped."""
        limit_s = self._limits.timeout_s
        try:
            async with asyncio.timeout(limit_s) as limit:
                meaning = await self._reading.read(request.statement, principal, defaults, limit_s)
                query = self._query(request, principal, defaults)
                if isinstance(meaning, QueryStatement):
                    return statement_result.of_query(await self._queries.run(query, await self._relations(principal)))
                limit.reschedule(None)
                if isinstance(meaning, UseDefault):
                    return statement_result.of_rows(Rows())  # every request names its own catalog and schema
                return statement_result.of_rows(await self._run_command(meaning, query))
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"The statement had not ended after {limit_s:g} s, waiting for its turn included, and was stopped."
            raise BadRequest(message, code="QUERY_TIMEOUT") from error

    def _query(self, request: StatementRequest, principal: Principal, defaults: Defaults) -> Query:
        return Query(
            text=request.statement,
            principal=principal,
            defaults=defaults,
            parameters=tuple(Parameter(item.name, item.value, item.type) for item in request.parameters),
            row_limit=min(request.row_limit or self._limits.row_limit, self._limits.row_limit),
            byte_limit=min(request.byte_limit or self._limits.byte_limit, self._limits.byte_limit),
            timeout_s=self._limits.timeout_s,
        )

    def _ended(self, statement: _Statement, task: "asyncio.Task[Result]") -> None:
        statement.ended_s = self._clock.monotonic_s()
        if task.cancelled():
            statement.state = "CANCELED"
            return
        error = task.exception()
        if error is None:
            statement.state, statement.result = "SUCCEEDED", task.result()
            return
        statement.state = "FAILED"
        if isinstance(error, GatewayError):
            statement.error = error
            if self.on_failed is not None:
                self.on_failed(error)
        else:
            _LOG.error("statement %s failed unexpectedly", statement.id, exc_info=error)
            statement.error = GatewayError("The statement failed for a reason inside Headgate; its log says more.", code="INTERNAL_ERROR")

    async def _cancel(self, statement: _Statement) -> None:
        if statement.task is not None and not statement.task.done():
            statement.task.cancel()
            await asyncio.wait({statement.task})

    def _find(self, statement_id: str, principal: Principal) -> _Statement:
        self._forget()
        statement = self._kept.get(statement_id)
        if statement is None or statement.owner != principal.name:
            raise NotFound(
                f"The statement {statement_id[:64]} was not found; it may have ended more than {_KEPT_S / 60:g} minutes ago.", code="NOT_FOUND"
            )
        return statement

    def _succeeded(self, statement_id: str, chunk: int, principal: Principal) -> tuple[_Statement, Result]:
        statement = self._find(statement_id, principal)
        if statement.result is None:
            raise BadRequest(f"The statement is {statement.state} and has no result to fetch.", code="BAD_REQUEST")
        if not 0 <= chunk < max(1, statement.result.chunk_count):
            raise BadRequest(f"There is no chunk {chunk}; the result has {statement.result.chunk_count}.", code="BAD_REQUEST")
        return statement, statement.result

    def _answer(self, statement: _Statement) -> dict[str, object]:
        answer: dict[str, object] = {"statement_id": statement.id, "status": _status(statement)}
        if statement.result is not None:
            answer["manifest"] = statement_result.manifest(statement.result, statement.request.format)
            answer["result"] = _chunk(statement.id, statement.result, 0, statement.request, self._expires_at(statement))
        return answer

    def _expires_at(self, statement: _Statement) -> str:
        left_s = _KEPT_S - (self._clock.monotonic_s() - (statement.ended_s or statement.started_s))
        at = datetime.fromtimestamp(self._clock.wall_ns() / 1e9 + left_s, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _forget(self) -> None:
        """Drop results that ended long ago. Past the bounds, drop the oldest of the principal with most, so that no principal displaces another's."""
        now_s = self._clock.monotonic_s()
        ended = [statement for statement in self._kept.values() if statement.ended_s is not None]
        for statement in [one for one in ended if now_s - (one.ended_s or 0.0) > _KEPT_S]:
            ended.remove(statement)
            del self._kept[statement.id]
        ended.sort(key=lambda one: one.ended_s or 0.0)
        while (too_large := sum(map(_size, ended)) > _KEPT_BYTES_MAX) or len(ended) > _KEPT_MAX:
            held: Counter[str] = Counter()
            for statement in ended:
                held[statement.owner] += _size(statement) if too_large else 1
            most = max(held, key=held.__getitem__)
            oldest = next(statement for statement in ended if statement.owner == most and (_size(statement) or not too_large))
            ended.remove(oldest)
            del self._kept[oldest.id]


def _size(statement: _Statement) -> int:
    return 0 if statement.result is None else statement.result.size_bytes


def _wait_s(text: str) -> float:
    digits = text.removesuffix("s")
    seconds = int(digits) if digits.isdigit() and len(digits) <= 3 and text.endswith("s") else -1
    if seconds != 0 and not 5 <= seconds <= 50:
        raise BadRequest(f"wait_timeout is 0s or between 5s and 50s, not {text!r}.", code="INVALID_PARAMETER_VALUE")
    return float(seconds)


def _check(request: StatementRequest) -> None:
    _one_of("on_wait_timeout", request.on_wait_timeout, ("CONTINUE", "CANCEL"))
    _one_of("disposition", request.disposition, (INLINE, EXTERNAL_LINKS))
    _one_of("format", request.format, (JSON_ARRAY, ARROW_STREAM))
    if request.disposition == EXTERNAL_LINKS and request.format == JSON_ARRAY:
        raise BadRequest("EXTERNAL_LINKS hands out ARROW_STREAM; JSON_ARRAY is INLINE.", code="INVALID_PARAMETER_VALUE")
    if any(limit is not None and limit < 1 for limit in (request.row_limit, request.byte_limit)):
        raise BadRequest("row_limit and byte_limit are at least 1.", code="INVALID_PARAMETER_VALUE")


def _one_of(name: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise BadRequest(f"{name} is {' or '.join(known)}, not {value!r}.", code="INVALID_PARAMETER_VALUE")


def _defaults(request: StatementRequest) -> Defaults:
    catalog = names.check_part(request.catalog, "CATALOG") if request.catalog else DEFAULTS.catalog
    schema = names.check_part(request.schema, "SCHEMA") if request.schema else DEFAULTS.schema
    return Defaults(catalog, schema)


def _chunk(statement_id: str, result: Result, chunk: int, request: StatementRequest, expires_at: str) -> dict[str, object]:
    if not result.chunk_count:
        return {}
    path = f"{PATH}/{statement_id}"
    if request.disposition == EXTERNAL_LINKS:
        return statement_result.linked_chunk(result, chunk, path, expires_at)
    make = statement_result.arrow_chunk if request.format == ARROW_STREAM else statement_result.rows_chunk
    return make(result, chunk, path)


def _status(statement: _Statement) -> dict[str, object]:
    status: dict[str, object] = {"state": statement.state}
    error = statement.error
    if error is not None:
        status["error"] = {"error_code": _error_code(error), "message": error.message}
        state = sql_states.of(error.code)
        if state:
            status["sql_state"] = state
    return status


def _error_code(error: GatewayError) -> str:
    if error.code in _ERROR_CODES:
        return _ERROR_CODES[error.code]
    if isinstance(error, Unavailable):
        return "TEMPORARILY_UNAVAILABLE"
    return "BAD_REQUEST" if 400 <= error.status < 500 else "INTERNAL_ERROR"
