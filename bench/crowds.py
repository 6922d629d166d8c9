"""What many principals and many endpoints cost an exchange, in instructions: `python -m bench.crowds [--dry]`. Needs valgrind."""

import shutil
import sys

from bench.instructions import CROWDS, per_exchange
from bench.report import publish
from headgate.core.build_kind import build_kind

_SECTION = """## What many principals and endpoints cost

One small exchange in the serving process, without sockets. Each request is of the next principal, for the next endpoint, so that its head is read in full.
Instructions of the event loop's thread, {build} build. Goal: the same from 10 to 10,000 principals and from 1 to 1,000 endpoints.

| principals | endpoints | instructions | |
|---|---|---|---|
{rows}
"""


def main() -> None:
    """Measure, print, write."""
    if shutil.which("valgrind") is None:
        sys.exit("valgrind counts the instructions, and is not installed: apt-get install valgrind")
    found = {kind: per_exchange(kind) for kind in CROWDS}
    few = found["few"]
    rows = [
        f"| {principals:,} | {endpoints:,} | {found[kind]:,.0f} | {f'{found[kind] / few - 1:+.1%}' if kind != 'few' else ''} |"
        for kind, (principals, endpoints) in CROWDS.items()
    ]
    publish(_SECTION.format(rows="\n".join(rows), build=build_kind()), dry="--dry" in sys.argv)


if __name__ == "__main__":
    main()
