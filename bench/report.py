"""The page that a run leaves behind: ratios first, since they are what holds on another machine; and its section on what governance costs."""

from collections.abc import Mapping, Sequence

import msgspec

from bench.loads import LOADS, Load
from bench.peers import ROOT
from bench.runs import Result
from headgate.core.build_kind import build_kind

_GOALS = "compiled: small ≤ 4.2, event ≤ 1.6, turn ≤ 2.4; pure: small ≤ 6; both below the Go proxy on small and turn"

_HEAD = """# Benchmarks

`make bench` writes this page. CPU of each gateway's whole process tree, divided by what it carried, all in one run before one scripted provider in a
process of its own (its CPU is not counted). Headgate runs with everything on: the token checked against its keyed hash, the body scanned, usage metered,
intent and outcome of every exchange in the journal. A measurement ends when the flusher has written a row for each of its exchanges to Delta, so that its work
is counted whole. *Pure* is Headgate as Python runs it, *compiled* the wheel whose hot modules are C. Absolute times belong to the machine; ratios within a run
are what to compare.

- *small*: a 2 KB request with the five headers that wrk and the API need, a JSON answer, 32 connections.
- *agent*: the same with the 21 headers of a coding agent, one of them an id that each request has anew.
- *event*: 200 streams with an event every 10 ms; CPU per event.
- *turn*: an agent's turn: 300 KB of request, 63 events 10 ms apart, 24 connections.
"""

_GOVERNANCE = """## What governance costs

10,000 principals in 500 groups, 1,000 rules: 300 grants, 400 limits and 300 budgets. Of these a grant, two limits and a budget apply to each request, or a
grant, four limits and three budgets.
The {build} build, in one process without sockets, in turns with the same exchanges without rules: CPU of the event loop's thread.

| | |
|---|---|
{rows}

The machine's load was {load:.1f} on {cores:.0f} cores: times grow with it, instructions do not. The goal is 20 µs for a grant, two limits and a budget.
"""

_TRANSLATION = """## What translation costs

An agent's turn of a session with 60 calls and their results: 300 KB of request with 20 tools, 60 events 10 ms apart, 24 connections. The client speaks the
first dialect, the provider the second. CPU of each gateway's serving process in one run; an event's share is the difference to streams of 260 events.

| client → provider | gateway | a turn | an event | ratio to Headgate |
|---|---|---|---|---|
{rows}

The machine's load was {load:.1f} on {cores} cores before the run. Goals: a translated turn ≤ 6 ms, an event of it ≤ 60 µs; a turn of one dialect pays nothing.
`python -m bench.pairs instructions` counts the same without sockets, where other load does not change the figures.
"""


_ADDED = """## What is added apart

One small exchange over a warm connection, in one process without sockets; CPU of the event loop's thread. Each line differs from the first in one thing.

| | µs | instructions |
|---|---|---|
{rows}

The machine's load was {load:.1f} on {cores} cores: times grow with it, instructions do not. Goal: governance ≤ 20 µs.
"""


class AddedCost(msgspec.Struct, frozen=True):
    """What something adds to an exchange; the first one is the plain exchange itself. `instructions`: `None` where they were not counted."""

    what: str
    us: float
    instructions: float | None


class TranslatedCost(msgspec.Struct, frozen=True):
    """Seconds of CPU that one gateway uses for a turn of a pair and for an event of it; `reason`: why it was not measured."""

    pair: str
    peer: str
    version: str = ""
    turn_s: float = 0.0
    event_s: float = 0.0
    reason: str = ""


def _cell(result: Result | None, floor: Result | None, load: Load) -> str:
    if result is None or result.reason or result.failed >= result.requests:
        return "not measured" if result is None else result.reason or "every answer an error in this set-up"
    ratio = f"**{result.cost_s / floor.cost_s:.1f}** " if floor is not None and floor.cost_s else ""
    failed = f", {result.failed} of {result.requests} failed" if result.failed else ""
    return f"{ratio}({result.cost_s / load.divisor:.1f}{failed})"


def write(results: Sequence[Result], figures: Mapping[str, float], machine: str) -> str:
    """The page as Markdown, without its sections."""
    names = list(dict.fromkeys(result.peer for result in results))
    by = {(result.peer, result.load): result for result in results}
    loads = [load for load in LOADS if any(result.load == load.name for result in results)]
    parts = [
        _HEAD,
        f"Machine: {machine}.\n",
        "| gateway | version | " + " | ".join(f"{load.name}: ratio to nginx ({load.unit})" for load in loads) + " |",
        "|---|---|" + "---|" * len(loads),
    ]
    for name in names:
        version = next((by[name, load.name].version for load in loads if by[name, load.name].version), "not measured")
        cells = [_cell(by.get((name, load.name)), by.get(("nginx", load.name)), load) for load in loads]
        parts.append(f"| {name} | {version} | " + " | ".join(cells) + " |")
    parts.append(f"\nGoals for Headgate, as ratios to nginx: {_GOALS}.\n")
    if figures:
        parts.append(
            f"Headgate alone, {'compiled' if figures['compiled'] else 'pure'}: ready {figures['start_s']:.2f} s after the command on an empty store; "
            f"{figures['exchanges_resident_mb']:.0f} MB resident after {figures['exchanges']:,.0f} exchanges.\n"
        )
    parts.append(
        "The Go proxy checks a token and reads the model; it keeps no record and counts nothing. nginx relays. LiteLLM runs without a database, Portkey without a store\n"
        "and with an HTTP server, `@hono/node-server` 1.14, that is older than what npm installs for it: with 1.19 it answers every stream with 500,\n"
        "`TypeError: immutable`.\n"
    )
    return "\n".join(parts)


def governance_section(figures: Mapping[str, float]) -> str:
    """What permission, limits and budgets cost, as a section of the page."""
    rows = [
        f"| an exchange without rules | {figures['without_us']:.0f} µs |",
        f"| added by a grant, two limits and a budget: to the first exchange of a principal | {figures['first_few_us']:.0f} µs |",
        f"| to each further exchange | {figures['further_few_us']:.0f} µs |",
        f"| added by a grant, four limits and three budgets: to the first exchange of a principal | {figures['first_many_us']:.0f} µs |",
        f"| to each further exchange | {figures['further_many_us']:.0f} µs |",
        f"| counts of limits | {figures['counts']:,.0f} in {figures['counts_mb']:.0f} MB |",
        f"| a checkpoint of them | {figures['checkpoint_mb']:.1f} MB, copied in {figures['checkpoint_ms']:.0f} ms |",
    ]
    if "start_s" in figures:
        rows += [
            f"| ready after the command, with an empty store and no rules | {figures['empty_start_s']:.2f} s |",
            f"| ready after the command, with 10,000 tokens, all rules and the counts of all principals | {figures['start_s']:.2f} s |",
        ]
    if "instructions" in figures:
        plain, added = figures["instructions"], figures["governed_instructions"] - figures["instructions"]
        rows += [
            f"| instructions of an exchange without rules | {plain:,.0f} |",
            f"| added where a grant, two limits and a budget apply | {added:,.0f} ({added / plain:.0%}) |",
        ]
    return _GOVERNANCE.format(rows="\n".join(rows), build=build_kind(), load=figures["load"], cores=figures["cores"])


def added_section(lines: Sequence[AddedCost], load: float, cores: int) -> str:
    """What each thing adds to the plain exchange, as a section of the page."""
    rows = [
        f"| {'+ ' if place else ''}{line.what} | {line.us:.0f} | {'not counted' if line.instructions is None else f'{line.instructions:,.0f}'} |"
        for place, line in enumerate(lines)
    ]
    return _ADDED.format(rows="\n".join(rows), load=load, cores=cores)


def translation_section(lines: Sequence[TranslatedCost], load: float, cores: int) -> str:
    """What translation costs, beside native turns and beside another gateway, as a section of the page."""
    own = {line.pair: line for line in lines if line.peer == "headgate" and not line.reason}
    rows = []
    for line in lines:
        if line.reason:
            rows.append(f"| {line.pair} | {line.peer} | {line.reason} | | |")
            continue
        floor = own.get(line.pair)
        ratio = f"{line.turn_s / floor.turn_s:.1f}" if floor is not None and floor.turn_s else ""
        rows.append(f"| {line.pair} | {line.peer} {line.version} | {line.turn_s * 1e3:.1f} ms | {line.event_s * 1e6:.0f} µs | {ratio} |")
    return _TRANSLATION.format(rows="\n".join(rows), load=load, cores=cores)


def with_section(page: str, section: str) -> str:
    """The page with this section, in the place of an earlier one or at the end. Sections after it stay."""
    head = section.partition("\n")[0]
    before, _, earlier = page.partition(f"{head}\n")
    after = earlier.partition("\n## ")[2]
    return f"{before.rstrip()}\n\n{section}" + (f"\n## {after}" if after else "")


def with_table(page: str, table: str) -> str:
    """The page with this text in front of its sections, which stay."""
    _, mark, sections = page.partition("\n## ")
    return table + mark + sections


def publish(section: str, *, dry: bool) -> None:
    """Print a section, and put it into docs/benchmarks.md unless the run is a dry one."""
    print(section)
    if not dry:
        page = ROOT / "docs" / "benchmarks.md"
        page.write_text(with_section(page.read_text(encoding="utf-8"), section), encoding="utf-8")
