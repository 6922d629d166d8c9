"""`headgate sql`: runs statements on the data directory itself, as an administrator, whether the gateway runs or not; or on a gateway that runs elsewhere,
with the rights of the user of the token.
"""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from headgate.admin.statement_result import Result
from headgate.admin.statements import StatementRequest
from headgate.catalog.sql_text import split
from headgate.cli import sql_output
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.gateway_choice import gateway_or_store
from headgate.cli.options import ConfigOption, DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.remote_sql import remote_result

app = typer_app("Run SQL statements.")

_SCRIPT_BYTES_MAX = 16 << 20


class _Form(NamedTuple):
    name: str
    verbose: bool


@app.command(no_args_is_help=True)
@reports_errors
def sql(
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="A statement in Databricks' SQL.", show_envvar=False)] = "",
    file: Annotated[
        str, typer.Option("--file", "-f", metavar="FILE", help="Run the statements of a file, separated by semicolons; - reads standard input.")
    ] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    catalog: Annotated[str, typer.Option("--catalog", metavar="NAME", help="Catalog of names without one.")] = "main",
    schema: Annotated[str, typer.Option("--schema", metavar="NAME", help="Schema of names without one.")] = "default",
    verbose: Annotated[bool, typer.Option("--verbose", help="Say on standard error how many files of the tables were read.")] = False,
    url: UrlOption = "",
    data: DataOption = "",
    config: ConfigOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run SQL statements on Headgate's tables: as an administrator on this machine's store, or with your own rights on a gateway that runs elsewhere.

    It stops at the first statement that fails.
    """
    if bool(statement) == bool(file):
        raise typer.BadParameter("state either a STATEMENT or --file", param_hint="'STATEMENT'")
    if csv and as_json:
        raise typer.BadParameter("choose one of --json and --csv", param_hint="'--csv'")
    statements = split(_read(file)) if file else [statement]
    requests = [StatementRequest(statement=text, catalog=catalog, schema=schema) for text in statements]
    form = _Form("json" if as_json else "csv" if csv else "table", verbose)
    gateway = gateway_or_store(url, data)
    if gateway is None:
        asyncio.run(_run(requests, data, config, form))
    else:
        for request in requests:
            _print(remote_result(gateway, request), form)


async def _run(requests: list[StatementRequest], data: str, config: str, form: _Form) -> None:
    from headgate.cli.sql_access import statement_runner  # ruff: ignore[import-outside-top-level] an engine, which takes long to load

    async with statement_runner(data, config) as runner:
        for request in requests:
            _print(await runner.statements.result(request, ADMINISTRATOR), form)


def _print(result: Result, form: _Form) -> None:
    if form.name == "json":
        print(sql_output.as_json(result), flush=True)
    elif form.name == "csv":
        if result.columns:
            sys.stdout.write(sql_output.as_csv(result))
    elif result.columns:
        for line in sql_output.as_table(result, shutil.get_terminal_size().columns if sys.stdout.isatty() else 0):
            print(line)
    if form.name == "table":
        sys.stderr.write(f"{_count(result.row_count)}\n" if result.columns else "Done.\n")
    if result.truncated:
        sys.stderr.write("There are more rows than were fetched; add a LIMIT or an aggregate.\n")
    if form.verbose and result.files is not None:
        sys.stderr.write(f"{sql_output.files_line(result.files)}\n")


def _count(rows: int) -> str:
    return f"{rows} row{'' if rows == 1 else 's'}."


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read(_SCRIPT_BYTES_MAX + 1) if file == "-" else Path(file).read_bytes()
        if len(content) > _SCRIPT_BYTES_MAX:
            raise typer.BadParameter(f"{file} is larger than {_SCRIPT_BYTES_MAX >> 20} MiB", param_hint="'--file'")
        return content.decode()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="'--file'") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8 text", param_hint="'--file'") from error
