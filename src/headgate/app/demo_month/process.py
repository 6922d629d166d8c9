"""`python -m headgate.app.demo_month.process`: brings the store of the demo up to this moment, and ends. A serving process of a demo starts it.

Its answer on standard output is a `Filled`. A store that is filled already gets what has happened since; one that another process fills gets nothing.
"""

import datetime as dt
import gc
import os
import sys
from collections.abc import Mapping, Sequence

import msgspec

from headgate.app.demo_month import payloads, telemetry
from headgate.app.demo_month.batches import batches, payload_batches
from headgate.app.demo_month.calendar import Cast
from headgate.app.demo_month.fill import WRITER, PastWriter
from headgate.app.demo_month.messages import DemoTable, Filled, FillOptions
from headgate.app.demo_month.spending import SpentMoney
from headgate.app.demo_month.store import DemoStore
from headgate.app.demo_month.timeline import Timeline, day_of, month_begins_ns, stretches
from headgate.catalog.otel_tables import LOGS, METRICS
from headgate.catalog.usage_table import USAGE
from headgate.config.load import Configuration, load_without_secrets
from headgate.config.log_format import start_logging
from headgate.config.paths import DataDirectory, data_directory
from headgate.core.clock import Clock, SystemClock
from headgate.core.record import Outcome
from headgate.metering.price_data import PriceBook
from headgate.storage.delta import delta_table
from headgate.storage.journal.journals import writer_dir
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from headgate.storage.parent_end import die_with
from headgate.storage.query.usage import read_usage
from headgate.storage.rows.rates import lazy_rates, read_overlay
from headgate.storage.state.stated_configuration import read_configuration
from headgate.upstream.demo import demo_providers


def fill(data: DataDirectory, clock: Clock) -> Filled:
    """Write what happened up to now and is not written yet."""
    writer = PastWriter(writer_dir(str(data.root), WRITER))
    try:
        if writer.busy:
            return Filled()
        foreign = "" if writer.written_until_ns() else _foreign_provider(data)
        if foreign:
            return Filled(
                refused=f"{data.root} has usage of the provider {foreign}; the demo makes nothing up beside it. Give it a --data of its own."
            )
        return _fill(data, writer, clock)
    finally:
        writer.close()


def _fill(data: DataDirectory, writer: PastWriter, clock: Clock) -> Filled:
    now_ns = clock.wall_ns() // 1_000 * 1_000
    configuration = _configuration(data)
    store = DemoStore(data, configuration, clock)
    try:
        identities, tables = store.people(), store.tables(data, configuration.settings.storage.warehouse)
        anchor = day_of(now_ns)
        spent = SpentMoney(PriceBook.load(overlay=read_overlay()).rates, _first_counted_day(anchor))
        timeline, exchanges = Timeline(Cast(identities, anchor)), 0
        for stretch in stretches(writer.written_until_ns() or month_begins_ns(anchor), now_ns):
            outcomes = timeline.outcomes(*stretch)
            writer.write(*stretch, [*_frames(outcomes), *_frames_of_tables(timeline, stretch, tables)])
            spent.add(outcomes)
            exchanges += len(outcomes)
        store.declare(spent.by_group())
        return Filled(exchanges=exchanges, until_ns=now_ns, spent=tuple(spent.sums()), identities=identities, tables=tables)
    finally:
        store.close()


def _foreign_provider(data: DataDirectory) -> str:
    """A provider of the usage table that is not the demo's, by which a store is known to be a real one; empty without any."""
    table = delta_table.open_table(delta_table.table_path(str(data.root), USAGE))
    if table is None or not table.file_uris():
        return ""
    own = {provider.name for provider in demo_providers()}
    found = read_usage(str(data.root), lazy_rates(str(data.root))).grouped("provider")
    return next((str(group["provider"]) for group in found if group["provider"] and group["provider"] not in own), "")


def _first_counted_day(today: dt.date) -> dt.date:
    """The first day of the month and of the week: no budget counts what is older."""
    return min(today.replace(day=1), today - dt.timedelta(days=today.weekday()))


def _frames(outcomes: Sequence[Outcome]) -> list[tuple[int, bytes]]:
    encode = make_codec().encode
    return [(Kind.OUTCOME, encode(outcome)) for outcome in outcomes]


def _frames_of_tables(timeline: Timeline, stretch: tuple[int, int], tables: Mapping[str, DemoTable]) -> list[tuple[int, bytes]]:
    sessions = timeline.sessions(*stretch)
    exported = {LOGS: telemetry.logs(sessions, *stretch), METRICS: telemetry.metrics(sessions, *stretch)}
    logged = payloads.kept(sessions, *stretch, timeline.month_ends_ns)
    bodies = [*batches(tables, exported, stretch[1]), *payload_batches(tables, logged, stretch[1])]
    return [(Kind.BATCH, body) for body in bodies]


def _configuration(data: DataDirectory) -> Configuration:
    """The configuration that the objects of the demo are declared beside."""
    stated = read_configuration(str(data.root))
    found = load_without_secrets(stated.file if os.path.isfile(stated.file) else "", os.environ, demo=True)
    return msgspec.structs.replace(found, providers=tuple(demo_providers()))


def main() -> None:
    """Read the options from the command line, fill, and write what came of it."""
    options = msgspec.json.decode(sys.argv[1], type=FillOptions)
    die_with(options.parent_pid)
    start_logging(options.log)
    os.nice(5)  # the gateway has priority
    gc.disable()  # the process ends before anything were worth collecting
    filled = fill(data_directory(options.data_dir, os.environ), SystemClock())
    sys.stdout.buffer.write(msgspec.json.encode(filled))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
