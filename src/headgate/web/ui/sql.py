"""The page of SQL: an editor, the result as a table and a chart, downloads. A statement runs with the privileges of the principal that looks."""

from urllib.parse import quote

from headgate.admin.catalog import CatalogAdmin
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal
from headgate.core.scopes import SQL
from headgate.web.ui.answers import PageAnswer, json_answer, redirect
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.row_files import csv_file, json_file
from headgate.web.ui.statement_runs import StatementRun, StatementRuns

_TEXT_CHARS_MAX = 8_000  # a statement is part of its page's address, which has a limit
_WAIT_S = 20.0
_SHOWN_ROWS = 500
_CHART_ROWS = 5_000
_NAMED_TABLES = 2_000
_SAMPLE = """SELECT model_served, count(*) AS requests, sum(total_tokens) AS tokens, sum(charge) AS usd
FROM system.ai_gateway.{table}
WHERE event_time > current_timestamp() - INTERVAL 7 DAYS
GROUP BY ALL
ORDER BY usd DESC"""


class _SqlPages:
    """What makes each page."""

    def __init__(self, runs: StatementRuns, catalog: CatalogAdmin) -> None:
        self._runs = runs
        self._catalog = catalog

    async def editor(self, request: PageRequest) -> PageAnswer:
        """The editor with the text of the address, or with an example."""
        sample = _SAMPLE.format(table="usage" if request.principal.reads_all_usage else "my_usage")
        return _page(request, request.query.get("text", sample), None)

    async def start(self, request: PageRequest) -> PageAnswer:
        """Run what was typed; its page has an address of its own."""
        text = request.form.get("text", "").strip()
        if not text:
            return redirect("/sql")
        if len(text) > _TEXT_CHARS_MAX:
            raise BadRequest(f"A statement here has at most {_TEXT_CHARS_MAX} characters. headgate sql -f FILE takes longer ones.")
        run = await self._runs.start(text, request.caller)
        return redirect(f"/sql/{run.id}?text={quote(text)}")

    async def result(self, request: PageRequest) -> PageAnswer:
        """The statement's result, when there is one. A browser that leaves while it waits ends the statement."""
        run = await self._runs.follow(request.parameters["statement"], request.caller, _WAIT_S)
        return _page(request, request.query.get("text", ""), run)

    async def cancel(self, request: PageRequest) -> PageAnswer:
        """End a statement that runs."""
        await self._runs.cancel(request.parameters["statement"], request.caller)
        return redirect(f"/sql/{request.parameters['statement']}?text={quote(request.form.get('text', ''))}")

    async def file(self, request: PageRequest) -> PageAnswer:
        """The whole result as a file."""
        run = await self._runs.look(request.parameters["statement"], request.caller)
        names = [column.name for column in run.columns]
        rows = [row async for row in self._runs.rows(run, request.caller)]
        make = json_file if request.parameters["form"] == "json" else csv_file
        return make(f"headgate-{run.id[:8]}", names, rows)

    async def chart(self, request: PageRequest) -> PageAnswer:
        """The result's first rows with their types, for a chart: numbers as numbers."""
        run = await self._runs.look(request.parameters["statement"], request.caller)
        numbers = [column.is_number for column in run.columns]
        rows = [
            [float(value) if number and value is not None else value for number, value in zip(numbers, row, strict=True)]
            async for row in self._runs.rows(run, request.caller)
        ]
        columns = [{"name": column.name, "type": column.type_text} for column in run.columns]
        return json_answer({"columns": columns, "rows": rows[:_CHART_ROWS]}, extra=[(b"cache-control", b"no-store")])

    async def names(self, request: PageRequest) -> PageAnswer:
        """The tables and columns that this principal may see, for the editor's completion."""
        return json_answer({"tables": await self._tables(request.principal)})

    async def _tables(self, principal: Principal) -> list[dict[str, object]]:
        snapshot = await self._catalog.snapshot()
        found: list[dict[str, object]] = []
        for catalog in await self._catalog.listed(snapshot, principal, snapshot.metastore.name):
            for schema in await self._catalog.listed(snapshot, principal, catalog.name):
                for entry in await self._catalog.listed(snapshot, principal, schema.name):
                    if entry.table is not None and len(found) < _NAMED_TABLES:
                        found.append({"name": str(entry.name), "columns": [field.name for field in entry.table.schema.fields]})
        return found


def sql_routes(runs: StatementRuns, catalog: CatalogAdmin) -> tuple[PageRoute, ...]:
    """`/sql` and the results below it."""
    made = _SqlPages(runs, catalog)
    return (
        PageRoute("GET", "/sql", SQL, made.editor),
        PageRoute("POST", "/sql", SQL, made.start),
        PageRoute("GET", "/sql/names", SQL, made.names),
        PageRoute("GET", "/sql/{statement}", SQL, made.result),
        PageRoute("POST", "/sql/{statement}/cancel", SQL, made.cancel),
        PageRoute("GET", "/sql/{statement}/chart", SQL, made.chart),
        PageRoute("GET", "/sql/{statement}/{form}", SQL, made.file),
    )


def _page(request: PageRequest, text: str, run: StatementRun | None) -> PageAnswer:
    shown = run.rows[:_SHOWN_ROWS] if run is not None else ()
    return request.framed("sql.html", "SQL", text=text, run=run, shown=shown, text_chars_max=_TEXT_CHARS_MAX)
