"""What each thing that an exchange may need beside the plain way costs, apart: `python -m bench.added [--dry]`.

The small exchange of `bench.instructions` is the plain one. Each other kind differs from it in one thing: rules that govern it, an answer with a line beside
its own tokens, a provider of another dialect. Microseconds of the event loop's thread are medians of differences, in turns with the plain exchange;
instructions, where valgrind is there, hold on a busy machine too. It rewrites its section of docs/benchmarks.md.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

import msgspec
import uvloop

from bench.instructions import CONNECTIONS, PROVIDER, Gate, exchange, gate, instructions, request, settle, snapshot_of
from bench.provider import CHAT_ANSWER, JSON_ANSWER, LINES_ANSWER
from bench.report import AddedCost, added_section, publish

_FEW, _MANY = 2, 8
_TURNS, _ROUNDS = 15, 10


@dataclass(frozen=True)
class Kind:
    """A kind of exchange: the rules that it has (see `bench.instructions`), its provider's dialect, and the answer."""

    what: str
    rules: str = "small"
    dialect: str = PROVIDER.dialect
    answer: bytes = JSON_ANSWER


PLAIN = Kind("the plain exchange")
KINDS = {
    "plain": PLAIN,
    "limits": Kind("six rate limits", rules="limited"),
    "budgets": Kind("two budgets", rules="budgeted"),
    "governance": Kind("a grant, two rate limits and a budget", rules="governed"),
    "lines": Kind("a usage line beside the answer's own tokens", answer=LINES_ANSWER),
    "translation": Kind("translation for a provider of Chat Completions", dialect="openai_chat", answer=CHAT_ANSWER),
}


def opened(kind: Kind) -> Gate:
    """A gateway for it."""
    return gate(tempfile.mkdtemp(), snapshot_of(kind.rules, msgspec.structs.replace(PROVIDER, dialect=kind.dialect)))


async def serve(kind: Kind, count: int) -> None:
    """What valgrind watches. Ends at once, as in `bench.instructions`."""
    at = opened(kind)
    settle()
    await exchange(at, [request("small")], [kind.answer], count)
    os._exit(0)


async def cpu_us(at: Gate, kind: Kind) -> float:
    """Microseconds of the event loop's thread for an exchange."""
    began_s = time.thread_time()
    await exchange(at, [request("small")], [kind.answer], _ROUNDS)
    return (time.thread_time() - began_s) / _ROUNDS / CONNECTIONS * 1e6


async def added_us() -> dict[str, float]:
    """Of the plain exchange all, of each other kind what it adds."""
    gates = {name: opened(kind) for name, kind in KINDS.items()}
    settle()
    took: dict[str, list[float]] = {name: [] for name in KINDS}
    for _ in range(_TURNS):
        for name, kind in KINDS.items():
            took[name].append(await cpu_us(gates[name], kind))
    plain = took.pop("plain")
    return {"plain": statistics.median(plain)} | {
        name: statistics.median(with_it - without for with_it, without in zip(each, plain, strict=True)) for name, each in took.items()
    }


def added_instructions() -> dict[str, float]:
    """Of the plain exchange all, of each other kind what it adds; nothing where valgrind is missing."""
    if shutil.which("valgrind") is None:
        return {}
    found = {}
    for name in KINDS:
        fewer, more = (instructions("bench.added", name, str(count)) for count in (_FEW, _MANY))
        found[name] = (more - fewer) / (_MANY - _FEW) / CONNECTIONS
    return {name: each - (found["plain"] if name != "plain" else 0) for name, each in found.items()}


def main() -> None:
    """Measure, or be measured."""
    if sys.argv[-1].isdigit():
        uvloop.run(serve(KINDS[sys.argv[1]], int(sys.argv[2])))
    load, took, counted = os.getloadavg()[0], uvloop.run(added_us()), added_instructions()
    section = added_section([AddedCost(kind.what, took[name], counted.get(name)) for name, kind in KINDS.items()], load, os.cpu_count() or 1)
    publish(section, dry="--dry" in sys.argv)


if __name__ == "__main__":
    main()
