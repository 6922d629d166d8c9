"""Gives commands access to statements and tables: on the data directory itself, as an administrator, whether a gateway runs or not."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from headgate.app.statement_runner import StatementRunner
from headgate.cli.store import existing_store
from headgate.config.load import load
from headgate.core.clock import SystemClock


@asynccontextmanager
async def statement_runner(data: str, config: str) -> AsyncGenerator[StatementRunner]:
    """Everything that runs statements on a data directory."""
    settings = load(config, os.environ, probe=lambda _address: None).settings
    settings = msgspec.structs.replace(settings, sql=msgspec.structs.replace(settings.sql, workers=1))
    runner = StatementRunner(existing_store(data), settings, SystemClock())
    try:
        yield runner
    finally:
        await runner.close()
