"""The page of settings: values with their origins, the file, what is kept, and how Headgate fares."""

import re

import msgspec

from headgate.config.effective import effective_values
from headgate.config.load import WrittenFile, load
from headgate.config.schema import Payloads, Settings, Telemetry
from headgate.core.endpoint import Endpoint, PayloadRule
from headgate.web.ui.settings import FileFacts, SettingsParts, StoredPart, SystemFacts, capture_lines, settings_routes
from tests.fakes.browser import PAGES, Browser

_TEXT = """\
[server]
port = 1234
[discovery]
environment = false
ollama = false
[[providers]]
name = "lab"
dialect = "anthropic"
base_url = "http://127.0.0.1:9"
api_key = "env:LAB_KEY"
"""
_FACTS = SystemFacts(
    file=FileFacts(path="/etc/headgate.toml", changed_at_ms=1_000),
    data_dir="/var/lib/headgate",
    parts=(StoredPart("warehouse", "Delta tables", 2048, 3),),
    backlog_bytes=512,
    backlog_bytes_max=4 << 30,
    now_ms=61_000,
    started_at_ms=1_000,
    pid=77,
    restarts={"serving": 0, "flusher": 0},
)


async def shown(facts: SystemFacts = _FACTS, text: str = _TEXT, path: str = "/settings") -> str:
    """What an administrator reads on the page, without its marks."""
    configuration = load("", {"LAB_KEY": "sk-canary", "HEADGATE_STREAMS_KEEP_ALIVE_S": "5"}, accepted=WrittenFile("/etc/headgate.toml", text))
    parts = SettingsParts(lambda: effective_values(configuration), lambda: facts, lambda: configuration.settings, lambda: configuration.endpoints)
    browser = Browser(routes=(*PAGES, *settings_routes(parts)))
    await browser.sign_in()
    status, _, body = await browser.ask("GET", path)
    assert status == 200
    assert len(body.encode()) < 60 << 10
    assert "canary" not in body
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


async def test_each_value_is_shown_with_what_set_it() -> None:
    """The file's with the line, a variable's with its name, others as defaults."""
    page = await shown()
    assert re.search(r"port Port to listen on[^.]*\. 1234 headgate\.toml:2", page)
    assert re.search(r"keep_alive_s [^.]*\. 5\.0 variable HEADGATE_STREAMS_KEEP_ALIVE_S", page)
    assert re.search(r"drain_s [^.]*\. 30\.0 default", page)
    assert "[[providers]] 1 headgate.toml:6" in page


async def test_only_what_is_set() -> None:
    """A plain link leaves out the defaults."""
    page = await shown(path="/settings?show=set")
    assert "1234" in page
    assert "drain_s" not in page
    assert "Not by default (5)" in page


async def test_how_headgate_fares() -> None:
    """Processes, journal, data directory; what is wrong is counted and listed."""
    page = await shown()
    assert "none was started again" in page
    assert "512 B of at most 4.0 GB" in page
    assert "has moved nothing yet" in page
    assert "warehouse 2.0 KB in 3 files" in page
    assert "Health well" in page
    facts = msgspec.structs.replace(_FACTS, restarts={"serving": 2, "flusher": 0}, notices=("the disk is full",), flushed_at_ms=59_000)
    page = await shown(facts)
    assert "serving started again 2 times" in page
    assert "1 to look at" in page
    assert "Notice the disk is full" in page
    assert "moved records 2.0 s ago" in page


async def test_a_refused_file_is_explained_by_line() -> None:
    """So is what waits for a restart; without a file the page says how to write one."""
    refused = FileFacts(path="/etc/headgate.toml", refusal="/etc/headgate.toml:3: server.prt: unknown key", waiting=("streams",))
    page = await shown(msgspec.structs.replace(_FACTS, file=refused))
    assert "The last change of the file is refused" in page
    assert "headgate.toml:3: server.prt" in page
    assert "after a restart: [streams]" in page
    assert "headgate config init" in await shown(msgspec.structs.replace(_FACTS, file=FileFacts()))


def test_what_is_kept_of_requests() -> None:
    """In sentences: nothing by default, else where, how much, and for how long."""
    assert capture_lines(Settings(), ())[0] == ("Requests and answers", "None.")
    settings = Settings(
        payloads=Payloads(table="main.default.all", sampling=0.5, retention_days=7, redact_secrets=False),
        telemetry=Telemetry(trace_table="main.default.traces", keep=("prompt",)),
    )
    own = [Endpoint(name=name, targets=(), payload=PayloadRule(table=f"main.default.{name}", paused=name == "b")) for name in ("a", "b")]
    assert capture_lines(settings, own) == [
        (
            "Requests and answers",
            "In main.default.all_payload: 50% of exchanges, and every error. Endpoints with a table of their own: a (main.default.a).",
        ),
        ("Secrets in them", "Stored as they are."),
        ("Deleted", "After 7 days."),
        ("Usage and cost deleted", "Never by Headgate: usage.retention_days is 0."),
        ("Traces of exchanges", "In main.default.traces."),
        ("Telemetry of agents", "Stored where the attribute is one of prompt; else replaced before anything is stored."),
    ]
    assert capture_lines(Settings(), own)[0][1].startswith("Of some endpoints only.")
