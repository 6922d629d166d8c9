"""A page that reads rows, from a browser's socket to the query in the statement process and back."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
import uvicorn
from uvicorn.server import ServerState

from headgate.admin.page_queries import PageQuery
from headgate.app.options import StatementProcessOptions
from headgate.app.page_reading import PageReading
from headgate.app.statement_link import StatementLink
from headgate.config.schema import Sql
from headgate.core.clock import SystemClock
from headgate.core.scopes import PUBLIC
from headgate.web.connection import connection_maker
from headgate.web.front import Front, FrontLimits
from headgate.web.session import Sessions
from headgate.web.ui.answers import PageAnswer, json_answer
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.service import Browsers, Pages
from tests.fakes.principals import administrator

ROOT = administrator("root")
SLOW = "SELECT count(*) FROM range(3000000) a, range(3000000) b"
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def link(tmp_path_factory):
    """A link to a statement process that has one worker."""
    options = StatementProcessOptions(data_dir=str(tmp_path_factory.mktemp("data")), parent_pid=os.getpid(), sql=Sql(workers=1, memory_mb=256))
    return StatementLink((sys.executable, "-m", "headgate.app.statement_process", msgspec.json.encode(options).decode()))


@contextlib.asynccontextmanager
async def serving(link: StatementLink):
    """A server with one page, which shows what its address asks; the queries that have begun and ended."""
    reading, begun, ended = PageReading(link, places=2), asyncio.Event(), asyncio.Event()

    async def show(request: PageRequest) -> PageAnswer:
        begun.set()
        try:
            rows = await reading.rows(PageQuery(text=request.query["sql"]), ROOT)
        finally:
            ended.set()
        return json_answer(rows.values)

    browsers = Browsers(Sessions(b"p" * 32, SystemClock(), lambda: None), "http://127.0.0.1")
    pages = Pages([PageRoute("GET", "/show", PUBLIC, show)], browsers, SystemClock())
    kind = connection_maker(Front(pages, FrontLimits(sweep_interval_s=0.05)))
    config = uvicorn.Config(None, log_config=None)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(config, ServerState(), {}, loop), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], begun, ended
    finally:
        server.close()
        await link.close()


async def ask(port: int, sql: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A browser that asks for the page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /show?sql={quote(sql)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return reader, writer


def _has_worker(pid: int) -> bool:
    """Whether a statement process has started what runs queries."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return any(b"worker_process" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


async def test_a_browser_that_leaves_ends_the_query_of_its_page(link):
    """With one worker, the next page is answered at once, though the first query would run for days."""
    async with asyncio.timeout(PATIENCE_S), serving(link) as (port, begun, ended):
        _, leaving = await ask(port, SLOW)
        await begun.wait()
        while not (link._process and _has_worker(link._process._process.pid)):
            await asyncio.sleep(0.01)
        leaving.close()
        await ended.wait()
        reader, staying = await ask(port, "SELECT 6 + 1")
        answer = await reader.read()
        staying.close()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"[[7]]")
