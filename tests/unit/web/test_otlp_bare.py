"""Exports that are posted to one address whatever their signal."""

import pytest

from headgate.telemetry.export_reading import LARGE_BYTES
from headgate.telemetry.ingest import SIGNAL_MARK
from tests.fakes import exports
from tests.fakes.otlp_house import METRICS, TOKEN, House

SIGNALS = ("metrics", "logs", "spans")
OF_EACH = f"main.default.cc_otel_{SIGNAL_MARK}"


@pytest.fixture
def house() -> House:
    """A fresh one."""
    return House()


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("form", ["headers", "address"])
@pytest.mark.parametrize("media", ["application/x-protobuf", "application/json"])
async def test_one_address_for_all_signals(house: House, form: str, slash: str, media: str) -> None:
    """The body says what it is, and the answer is of its encoding."""
    for signal in SIGNALS:
        body = getattr(exports, signal)()
        if media == "application/json":
            body = exports.as_json(signal, body)
        path = f"/api/2.0/otel{slash}" if form == "headers" else f"/api/2.0/otel/t/{TOKEN}/main.default.cc{slash}"
        named = {"x_databricks_uc_table_name": OF_EACH} if form == "headers" else {"x_databricks_uc_table_name": "", "authorization": ""}
        status, head, _ = await house.ask(body, path, content_type=media, **named)
        assert (status, head["content-type"]) == (200, media)

    kept = [(batch.signal, batch.name) for batch in house.journal.batches]
    assert kept == [(signal, f"main.default.cc_otel_{signal}") for signal in SIGNALS]


async def test_a_large_export_of_an_unnamed_signal() -> None:
    """Is looked at beside the event loop, with the same end."""
    body = exports.logs(records=900)
    house = House(body_bytes_max=1_000_000)
    status, _, _ = await house.ask(body, "/api/2.0/otel", x_databricks_uc_table_name="main.default.cc_otel_logs")

    assert len(body) > LARGE_BYTES
    assert (status, house.journal.batches[0].signal) == (200, "logs")


@pytest.mark.parametrize(
    ("words", "body", "changes"),
    [
        ("does not say which signal", b"", {}),
        ("does not say which signal", b"\xff", {}),
        ("could be of metrics or of spans", b'{"resourceMetrics": [], "resourceSpans": []}', {"content_type": "application/json"}),
        ("main.default.cc_otel_metrics is a table of metrics; logs need", exports.logs(), {"x_databricks_uc_table_name": METRICS}),
        ("names no table", exports.logs(), {"x_databricks_uc_table_name": ""}),
    ],
)
async def test_an_export_of_an_unnamed_signal_is_never_guessed(
    house: House, caplog: pytest.LogCaptureFixture, words: str, body: bytes, changes: dict[str, str]
) -> None:
    """It is refused in words, kept nowhere, and the log says it."""
    status, _, answer = await house.ask(body, "/api/2.0/otel", **({"x_databricks_uc_table_name": OF_EACH} | changes))

    assert status == 400
    assert words in answer.decode("utf-8", "replace")
    assert not house.journal.batches
    assert "exports of 'ada@example.com'" in caplog.text
