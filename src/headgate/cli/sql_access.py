"""Statements and tables for commands: works on the data directory itself, as this machine's administrator, whether a gateway runs or not."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from headgate.app.statement_runner import StatementRunner
from headgate.cli.store import existing_store
from headgate.config.load import load
from headgate.core.clock import SystemClock
from headgate.core.principal import Principal
from headgate.core.scopes import ADMIN

# Whoever may read and write the data directory may do everything; the name is the first administrator's.
ADMINISTRATOR = Principal(id="", name="admin", scopes=frozenset({ADMIN}))


@asynccontextmanager
async def statement_runner(data: str, config: str) -> AsyncGenerator[StatementRunner]:
    """Everything that runs statements, over a data directory."""
    settings = load(config, os.environ, probe=lambda _address: None).settings
    settings = msgspec.structs.replace(settings, sql=msgspec.structs.replace(settings.sql, workers=1))
    runner = StatementRunner(existing_store(data), settings, SystemClock())
    try:
        yield runner
    finally:
        await runner.close()
