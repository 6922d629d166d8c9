"""Every shipped dashboard in a real browser over millions of usage rows: `python -m bench.pages [--rows N] [--folder DIR] [--output FILE]`.

How long its charts take, how long its queries take, how large its page is; the memory of each process while ten browsers look at once, and what an exchange
of the gateway waits for its first byte meanwhile. It writes docs/benchmarks-pages.md. Browsers and gateway share the machine. Needs Chromium. Rows are
written, summed and settled first, unless the folder has them from an earlier run.
"""

import argparse
import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, BrowserContext, Response

from bench import usage_rows
from bench.loads import Load
from bench.peers import ROOT, Peer, headgate
from bench.processes import command, cpu_s, resident_mb, tree
from bench.runs import start_provider
from bench.stream_client import paced
from headgate.app.options import StatementProcessOptions
from headgate.config.schema import Sql
from headgate.web.ui.navigation import NAVIGATION
from tests.e2e.browsing import HEIGHT, WIDE, chromium
from tests.e2e.lab import headgate as run_headgate

_PORTS = 18_941, 18_942
_BROWSERS = 10
_RATE, _SECONDS = 10.0, 15.0
_RANGE = "range=30d"
_READY_S = 15.0  # until what answers queries has been started too
_SIGHT_PX = 900  # the height of the ten browsers' screens
# When each tile was drawn, counted from the beginning of the navigation; and the page's size, without the files that all pages share.
_WATCH = """
window.drawn = new Map();
addEventListener("DOMContentLoaded", () => new MutationObserver(records => {
  for (const { target } of records) {
    if (target.dataset.drawn && !drawn.has(target.id)) drawn.set(target.id, [performance.now(), Boolean(target.querySelector("svg.marks"))]);
  }
}).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-drawn"] }));
"""
_ALL_DRAWN = "() => [...document.querySelectorAll('[data-tile]')].every(tile => tile.dataset.drawn)"
_IN_SIGHT = "() => [...document.querySelectorAll('[data-tile]')].every(tile => tile.dataset.drawn || tile.getBoundingClientRect().top > innerHeight)"


@dataclass
class Seen:
    """One opening of a dashboard."""

    first_ms: float
    all_ms: float
    slowest_ms: float
    slowest: str
    html_kb: float
    cpu_ms: float


@dataclass
class Figures:
    """What was measured."""

    cold: dict[str, Seen] = field(default_factory=dict)
    warm: dict[str, list[Seen]] = field(default_factory=dict)
    memory: dict[str, tuple[float, float]] = field(default_factory=dict)
    quiet_ms: tuple[float, float] = (0.0, 0.0)
    watched_ms: tuple[float, float] = (0.0, 0.0)


def open_once(context: BrowserContext, url: str, peer: Peer) -> Seen | None:
    """Open a page in a new tab, and wait until all of its tiles are drawn. Nothing for a page without tiles."""
    before_s = _queries_s(peer)
    tab = context.new_page()
    answers: list[Response] = []
    tab.on("response", lambda answer: answers.append(answer) if "/tiles/" in answer.url and "/static/" not in answer.url else None)
    page = tab.goto(url)
    if page is None or page.status != 200 or not tab.locator("[data-tile]").count():
        tab.close()
        return None
    tab.wait_for_function(_ALL_DRAWN, timeout=300_000)
    drawn = tab.evaluate("[...drawn.values()]")
    took = sorted((_alone_ms(answer.json()), answer.url.rpartition("/")[2].partition("?")[0]) for answer in answers)
    charts = [at for at, is_chart in drawn if is_chart] or [at for at, _ in drawn]
    seen = Seen(min(charts), max(at for at, _ in drawn), *took[-1], len(page.body()) / 1024, (_queries_s(peer) - before_s) * 1e3)
    tab.close()
    return seen


def _alone_ms(tile: dict[str, float]) -> float:
    return tile["took_ms"] - tile["waited_ms"]


def _queries_s(peer: Peer) -> float:
    """The CPU of the process that answers queries, and of its workers."""
    return sum(cpu_s(pid) for pid in tree(peer.process.pid) if "app.statement_process" in command(pid))


def paths() -> list[str]:
    """Every page of the navigation: those that turn out to have tiles are dashboards."""
    return [entry.path for group in NAVIGATION for entry in group.entries]


def signed_in(browser: Browser, peer: Peer, data: Path, height: int) -> BrowserContext:
    """A browser of an administrator, with an empty cache."""
    link = run_headgate("token", "sign-in", "--url", _home(peer), "--data", str(data)).strip()
    context = browser.new_context(viewport={"width": WIDE, "height": height})
    context.set_default_timeout(300_000)
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.goto(link)
    page.click("button.main")
    page.wait_for_load_state()
    page.goto("about:blank")
    return context


def _home(peer: Peer) -> str:
    return "http://" + peer.url.split("/")[2]


def dashboards(browser: Browser, peer: Peer, data: Path, rounds: int) -> Figures:
    """Each dashboard, cold in a browser with an empty cache, then warm."""
    figures = Figures()
    context = signed_in(browser, peer, data, HEIGHT)
    for path in paths():
        url = f"{_home(peer)}{path}?{_RANGE}"
        cold = open_once(context, url, peer)
        if cold is None:
            continue
        figures.cold[path] = cold
        figures.warm[path] = [seen for _ in range(rounds) if (seen := open_once(context, url, peer))]
        print(path, cold, statistics.median(seen.all_ms for seen in figures.warm[path]), flush=True)
    context.close()
    return figures


def memory(peer: Peer) -> dict[str, float]:
    """Resident megabytes of each kind of process."""
    kinds = {"serving": "cli.serving", "statement process": "statement_process", "query workers": "worker_process", "flusher": "storage.flusher"}
    commands = {pid: command(pid) for pid in tree(peer.process.pid)}
    return {kind: sum(resident_mb(pid) for pid, text in commands.items() if word in text) for kind, word in kinds.items()}


def first_bytes_ms(peer: Peer) -> tuple[float, float]:
    """Until the first byte of an exchange's stream, at the median and at the 99th percentile."""
    with tempfile.TemporaryDirectory() as folder:
        found = paced(peer.url, peer.token, Path(folder), _RATE, _SECONDS)
    return found.p50_ms, found.p99_ms


def crowd(browser: Browser, peer: Peer, data: Path, figures: Figures) -> None:
    """Ten browsers keep the dashboards open, each with a stream of events, while exchanges go on and their tiles follow."""
    before = memory(peer)
    figures.quiet_ms = first_bytes_ms(peer)
    contexts = [signed_in(browser, peer, data, _SIGHT_PX) for _ in range(_BROWSERS)]
    places = list(figures.cold)
    for number, context in enumerate(contexts):
        tab = context.pages[0]
        tab.goto(f"{_home(peer)}{places[number % len(places)]}?{_RANGE}")
        tab.wait_for_function(_IN_SIGHT, timeout=300_000)
    figures.watched_ms = first_bytes_ms(peer)
    figures.memory = {kind: (mb, memory(peer)[kind]) for kind, mb in before.items()}
    for context in contexts:
        context.close()


def _line(path: str, cold: Seen, warm: list[Seen]) -> str:
    first, whole, slowest, cpu = (
        statistics.median(values) for values in zip(*((each.first_ms, each.all_ms, each.slowest_ms, each.cpu_ms) for each in warm), strict=True)
    )
    name = max(warm, key=lambda each: each.slowest_ms).slowest
    return (
        f"| `{path}` | {cold.first_ms:,.0f} | {cold.all_ms:,.0f} | {first:,.0f} | {whole:,.0f} | {cold.slowest_ms:,.0f} | {slowest:,.0f} | {name} "
        f"| {cold.cpu_ms:,.0f} | {cpu:,.0f} | {cold.html_kb:.0f} |"
    )


def written(figures: Figures, rows: int, loads: tuple[float, float]) -> str:
    """The page."""
    lines = [
        "# Benchmarks of the pages",
        "",
        (
            f"Written by `make bench` (`python -m bench.pages`) on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {rows:,} usage rows of 90 days, the last 30 of them shown, "
            f"in Chromium on the same {os.cpu_count()} cores as the gateway. The machine's load was {loads[0]:.1f} before the run and {loads[1]:.1f} after it."
        ),
        "",
        "## Dashboards",
        "",
        (
            "Milliseconds from the beginning of the navigation until the first chart, and until every tile of the page is drawn, those below the screen too. "
            "Cold: the first time, with an empty cache. Warm: the median after that. Slowest query: the longest that a tile took, without its wait for the other queries of the page, with its name. "
            "CPU: milliseconds of all queries of the page together, which does not depend on what else the machine does."
        ),
        "",
        "| page | cold: first | cold: all | warm: first | warm: all | slowest query, cold | slowest query, warm | tile | CPU, cold | CPU, warm | HTML, KB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(_line(path, cold, figures.warm[path]) for path, cold in figures.cold.items()),
        "",
        f"## {_BROWSERS} browsers at once",
        "",
        f"Each keeps a dashboard open, and its tiles follow {_RATE:.0f} exchanges a second.",
        "",
        "| process | MB before | MB with ten browsers |",
        "|---|---|---|",
        *(f"| {kind} | {before:,.0f} | {after:,.0f} |" for kind, (before, after) in figures.memory.items()),
        "",
        "Milliseconds until the first byte of an exchange's stream, the provider's own time included:",
        "",
        "| | p50 | p99 |",
        "|---|---|---|",
        f"| no browser | {figures.quiet_ms[0]:.1f} | {figures.quiet_ms[1]:.1f} |",
        f"| {_BROWSERS} browsers | {figures.watched_ms[0]:.1f} | {figures.watched_ms[1]:.1f} |",
        "",
        "The ten browsers draw on the gateway's own cores, so the second line has their work in it too.",
        "",
    ]
    return "\n".join(lines)


def prepare(data: Path, rows: int) -> None:
    """The rows, and what the gateway makes of them within its first minutes: sums, and the settled ledger."""
    if data.exists():
        return
    usage_rows.write(data, rows)
    print(f"{rows:,} rows", flush=True)
    begun_s = time.monotonic()
    options = StatementProcessOptions(data_dir=str(data), parent_pid=os.getpid(), sql=Sql(workers=1))
    subprocess.run([sys.executable, "-m", "headgate.app.settling_process", msgspec.json.encode(options).decode()], check=True)
    print(f"summed and settled in {time.monotonic() - begun_s:.0f} s", flush=True)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="", help="keep the data here, for the next run")
    parser.add_argument("--output", default=str(ROOT / "docs" / "benchmarks-pages.md"))
    options = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as made:
        name = options.folder or made
        data = Path(name) / "data"
        prepare(data, options.rows)
        os.environ["HEADGATE_SQL_KEEP_READY"] = "true"  # as it is shipped
        provider = start_provider(_PORTS[0], Load("paced", 20, 0.01, 1, stream=True, per=1, unit="", divisor=1))
        peer = headgate(_PORTS[1], _PORTS[0], Path(name))
        time.sleep(_READY_S)
        try:
            with chromium() as browser:
                figures = dashboards(browser, peer, data, options.rounds)
            with chromium() as browser:
                crowd(browser, peer, data, figures)
        finally:
            peer.stop()
            provider.kill()
    page = written(figures, options.rows, (before, os.getloadavg()[0]))
    Path(options.output).write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
