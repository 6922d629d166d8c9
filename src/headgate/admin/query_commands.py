"""Runs the statements that are not queries. Those that have a query in them are run here, all others by the catalog's commands."""

from headgate.admin.commands import Commands
from headgate.admin.inserts import Inserts
from headgate.admin.statement_ports import Query, Rows
from headgate.admin.views import ViewAdmin
from headgate.catalog import statements
from headgate.catalog.statements import Statement


class QueryCommands:
    """The statements over the catalog's commands and the query gateway."""

    def __init__(self, commands: Commands, views: ViewAdmin, inserts: Inserts) -> None:
        self._commands = commands
        self._views = views
        self._inserts = inserts

    async def run(self, statement: Statement, query: Query) -> Rows:
        """The rows of a statement; none if it only changes something. `query` says who asks, and with what defaults, parameters and limits."""
        match statement:
            case statements.CreateView():
                await self._views.create(statement, query)
            case statements.AlterView():
                await self._views.alter(statement, query)
            case statements.InsertRows():
                return await self._inserts.insert(statement, query)
            case statements.CreateTableAs():
                return await self._inserts.create(statement, query)
            case _:
                return await self._commands.run(statement, query.principal)
        return Rows()
