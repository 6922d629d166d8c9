"""ARCHITECTURE.md stays short, and its journeys name modules that exist.

A journey is a section `## The journey of …` with a numbered list. Each stop begins with the module where it happens, as a path below `src/headgate`
without `.py`, in backticks: ``1. `web/protocol` frames the request``.
"""

import re
from collections.abc import Callable

from tests.tidy.source import PACKAGE, ROOT

JOURNEYS = ("an exchange", "a batch", "a statement")
STOPS_MAX = 10
LINES_MAX, LINE_CHARS_MAX = 150, 160  # two pages

_SECTION = re.compile(r"^## The journey of (.+)\n((?:(?!## ).*\n)*)", re.MULTILINE)
_STOP = re.compile(r"^\d+\. (.*(?:\n   .*)*)", re.MULTILINE)
_FIRST = re.compile(r"`([a-z_0-9]+(?:/[a-z_0-9]+)+)`")
_LAYERS = frozenset(path.name for path in PACKAGE.iterdir() if path.is_dir())


def faults(text: str, exists: Callable[[str], bool]) -> list[str]:
    """What is wrong with the journeys of a text."""
    journeys = dict(_SECTION.findall(text))
    found = [f"there is no section `## The journey of {journey}`" for journey in JOURNEYS if journey not in journeys]
    for journey, section in journeys.items():
        stops = _STOP.findall(section)
        if not 1 <= len(stops) <= STOPS_MAX:
            found.append(f"the journey of {journey} has {len(stops)} stops, not 1 to {STOPS_MAX}")
        for number, stop in enumerate(stops, 1):
            where = f"the journey of {journey}, stop {number}"
            if not _FIRST.match(stop):
                found.append(f"{where} does not begin with a module in backticks, such as `web/protocol`")
            named = [module for module in _FIRST.findall(stop) if module.split("/")[0] in _LAYERS or module == _FIRST.findall(stop)[0]]
            found += [f"{where} names `{module}`, which does not exist: write where that is done now" for module in named if not exists(module)]
    return found


def _exists(module: str) -> bool:
    return (PACKAGE / f"{module}.py").is_file() or (PACKAGE / module / "__init__.py").is_file()


GOOD = """# A
## The journey of an exchange

1. `web/protocol` reads; `web/gateway` answers with
   `exchange/relay`.
2. `exchange/settle` ends it, `x/y` is no module of ours.

## The journey of a batch
1. `web/otlp`
## The journey of a statement
1. `web/api`
## Rows
"""


def test_journeys_are_checked() -> None:
    """A good text has no fault; a module that is gone, a stop without one, a journey that is missing or too long are faults."""
    modules = {"web/protocol", "web/gateway", "exchange/relay", "exchange/settle", "web/otlp", "web/api"}
    assert faults(GOOD, modules.__contains__) == []
    assert faults(GOOD, (modules - {"exchange/relay"}).__contains__) == [
        "the journey of an exchange, stop 1 names `exchange/relay`, which does not exist: write where that is done now"
    ]
    assert faults(GOOD.replace("`web/otlp`", "It comes"), modules.__contains__) == [
        "the journey of a batch, stop 1 does not begin with a module in backticks, such as `web/protocol`"
    ]
    assert faults(GOOD.replace("a batch", "a horse"), modules.__contains__) == ["there is no section `## The journey of a batch`"]
    long = GOOD.replace("1. `web/api`\n", "".join(f"{number}. `web/api`\n" for number in range(1, 12)))
    assert faults(long, modules.__contains__) == ["the journey of a statement has 11 stops, not 1 to 10"]


def test_the_journeys_can_be_walked() -> None:
    """Every stop of the three journeys is a module of the package."""
    found = faults((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), _exists)

    assert not found, "ARCHITECTURE.md: " + "; ".join(found)


def test_the_map_is_two_pages() -> None:
    """The whole of ARCHITECTURE.md can be read in one sitting."""
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= LINES_MAX
    assert [number for number, line in enumerate(lines, 1) if len(line) > LINE_CHARS_MAX] == []
