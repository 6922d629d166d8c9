"""The table of all metrics: what each is named, what it counts, and its labels. docs/monitoring.md is generated from it. It holds no value."""

from typing import Final

from headgate.metering.metric_text import COUNTER, GAUGE, HISTOGRAM, Metric

_TARGET: Final = ("endpoint", "provider")

BUILD = Metric("headgate_build_info", GAUGE, "Always 1; the labels are the versions of Headgate and of Python.", ("version", "python"))
READY = Metric("headgate_ready", GAUGE, "1 if new requests are accepted, as /readyz says, else 0.")
WARNINGS = Metric("headgate_warnings", GAUGE, "Number of warnings in /readyz.")
CONFIGURATION_REFUSED = Metric(
    "headgate_configuration_refused", GAUGE, "1 while a changed configuration file is refused and the earlier one is in force, else 0."
)

EXCHANGES = Metric(
    "headgate_exchanges_total",
    COUNTER,
    "Requests that have ended, as the usage table has them. status is the class of the answer's status, outcome is the column ended.",
    (*_TARGET, "agent", "status", "outcome"),
)
TOKENS = Metric(
    "headgate_tokens_total",
    COUNTER,
    "Tokens of requests that have ended. The classes do not overlap, except that reasoning is part of output.",
    (*_TARGET, "agent", "class"),
)
TIME_TO_FIRST_BYTE = Metric(
    "headgate_time_to_first_byte_seconds",
    HISTOGRAM,
    "From the arrival of a request to the first byte of the provider's answer.",
    _TARGET,
    (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300),
)
DURATION = Metric(
    "headgate_exchange_duration_seconds",
    HISTOGRAM,
    "From the arrival of a request to the end of its answer, for requests for which a provider was chosen.",
    _TARGET,
    (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600),
)
OVERHEAD = Metric(
    "headgate_overhead_seconds",
    HISTOGRAM,
    "From the arrival of a request's headers to its first try at a provider. A client that sends its body slowly adds to it.",
    _TARGET,
    (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
RETRIES = Metric(
    "headgate_retries_total",
    COUNTER,
    "Tries after the first one, and targets that were passed over, by what was done: retry, fallback, circuit_open, retry_budget or untranslatable.",
    ("provider", "action"),
)
REFUSALS = Metric(
    "headgate_refusals_total",
    COUNTER,
    "Requests that were answered with an error, by the service that was asked and the reason.",
    ("service", "reason"),
)
USER_EXCHANGES = Metric("headgate_user_exchanges_total", COUNTER, "Requests that have ended, by user. Only with metrics.users.", ("user",))
USER_TOKENS = Metric(
    "headgate_user_tokens_total", COUNTER, "Tokens of requests that have ended, by user. Only with metrics.users.", ("user", "class")
)

CHARGE = Metric(
    "headgate_charge_usd_total",
    COUNTER,
    "US dollars in the column charge of the rows that were written to the usage table, since the flusher was started.",
    (*_TARGET, "charge_status"),
)
ROWS = Metric(
    "headgate_usage_rows_total",
    COUNTER,
    "Rows that were written to the usage table since the flusher was started. charge_status is unpriced where a model has no price.",
    (*_TARGET, "charge_status"),
)
EXPORTS = Metric("headgate_exports_total", COUNTER, "OpenTelemetry exports that were accepted.", ("signal",))
EXPORTED_ROWS = Metric("headgate_exported_rows_total", COUNTER, "Metric points, log records and spans in accepted exports.", ("signal",))

OPEN_EXCHANGES = Metric("headgate_open_exchanges", GAUGE, "Requests that are being answered, most of them streams.")
CONNECTIONS = Metric("headgate_connections", GAUGE, "Open connections of clients.")
CONNECTIONS_MAX = Metric("headgate_connections_max", GAUGE, "Connections that may be open at once.")
FAILING_TARGETS = Metric("headgate_failing_targets", GAUGE, "Targets that fail and are passed over where an endpoint has another.")
REFUSED_KEYS = Metric("headgate_refused_provider_keys", GAUGE, "Providers that refuse Headgate's key.")

JOURNAL_WRITABLE = Metric("headgate_journal_writable", GAUGE, "1 if the journal takes records, else 0: then new requests are refused.")
BACKLOG = Metric("headgate_journal_backlog_bytes", GAUGE, "Bytes of records that are not in their tables yet.")
BACKLOG_MAX = Metric("headgate_journal_backlog_max_bytes", GAUGE, "Backlog above which new requests are refused (journal.max_mb).")
FLUSHER_AGE = Metric(
    "headgate_flusher_age_seconds",
    GAUGE,
    "Time since the flusher last finished a round without an error; it makes one every 4 s, or every 12 s while few rows come.",
)
WAITING_TABLES = Metric("headgate_waiting_tables", GAUGE, "Tables that do not take their rows now; the rows are parked in files.")
WAITING_BYTES = Metric("headgate_waiting_bytes", GAUGE, "Bytes of parked rows.")
SET_ASIDE = Metric("headgate_set_aside_segments", GAUGE, "Segments of the journal that hold something unreadable and were set aside.")
DISK_FREE = Metric("headgate_disk_free_bytes", GAUGE, "Free space on the disk of the data directory.")

RESTARTS = Metric("headgate_process_restarts_total", COUNTER, "How often a process ended by itself and was started again.", ("process",))
MEMORY = Metric("headgate_process_resident_memory_bytes", GAUGE, "Resident memory of a process.", ("process",))
LOOP_LAG = Metric(
    "headgate_event_loop_lag_seconds",
    HISTOGRAM,
    "How late the event loop of the serving process was when it was looked at, four times a second.",
    (),
    (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10),
)
OPEN_FILES = Metric("process_open_fds", GAUGE, "Open files of the serving process.")
OPEN_FILES_MAX = Metric("process_max_fds", GAUGE, "Files that the serving process may have open.")
CPU = Metric("process_cpu_seconds_total", COUNTER, "CPU time of the serving process.")
STARTED = Metric("process_start_time_seconds", GAUGE, "When the serving process was started, in seconds since the epoch.")

METRICS: Final = (
    BUILD, READY, WARNINGS, CONFIGURATION_REFUSED,
    EXCHANGES, TOKENS, TIME_TO_FIRST_BYTE, DURATION, OVERHEAD, RETRIES, REFUSALS, USER_EXCHANGES, USER_TOKENS,
    CHARGE, ROWS, EXPORTS, EXPORTED_ROWS,
    OPEN_EXCHANGES, CONNECTIONS, CONNECTIONS_MAX, FAILING_TARGETS, REFUSED_KEYS,
    JOURNAL_WRITABLE, BACKLOG, BACKLOG_MAX, FLUSHER_AGE, WAITING_TABLES, WAITING_BYTES, SET_ASIDE, DISK_FREE,
    RESTARTS, MEMORY, LOOP_LAG, OPEN_FILES, OPEN_FILES_MAX, CPU, STARTED,
)  # fmt: skip
"""Every metric, in the order in which they are written."""
