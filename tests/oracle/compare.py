"""Compare Headgate with the expected answers: `python -m tests.oracle.compare [family …]`.

It prints a line of counts for each family. `--wrong` prints every wrong row too: the statement, Spark's answer and Headgate's. `--refused` and `--differs`
print those. `-k TEXT` keeps statements in which the regular expression is found (a function's name: `-k date_trunc`); `--reason rows` keeps the wrong
ones whose rows differ (or `types`, `names`, `no error`, `error`). `--top` counts the wrong and refused by what Headgate said.

The test `test_oracle` fails where a family has more wrong rows than `kept.json` says, or more wrong and refused ones together. `--keep` writes today's lower
figures there, `--anew` today's figures after the corpus has grown.
"""

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass

from tests.oracle import canonical, together, verdict
from tests.oracle.ours import Ours
from tests.oracle.statements import EXPECTED, HERE
from tests.oracle.verdict import KINDS, Verdict

KEPT = HERE / "kept.json"
_SHOWN_MAX = 600


@dataclass(frozen=True)
class Compared:
    """A statement with both answers and the verdict."""

    sql: str
    expected: dict[str, object]
    ours: dict[str, object]
    verdict: Verdict


def families() -> list[str]:
    """The families that have expected answers."""
    return sorted(path.stem for path in EXPECTED.glob("*.jsonl"))


def expected(family: str) -> list[dict[str, object]]:
    """A family's expected answers."""
    return [json.loads(line) for line in (EXPECTED / f"{family}.jsonl").read_text(encoding="utf-8").splitlines()]


def compared(family: str, ours: Ours, pattern: str = "") -> list[Compared]:
    """Every statement of a family with its verdict; only those that match the regular expression `pattern`."""
    rows = [row for row in expected(family) if re.search(pattern, str(row["sql"]), re.IGNORECASE)]
    found = together.answers(rows, ours)
    return [Compared(str(row["sql"]), row, answer, verdict.of(str(row["sql"]), row, answer)) for row, answer in zip(rows, found, strict=True)]


def counts(found: list[Compared]) -> dict[str, int]:
    """How many rows have each verdict."""
    kinds = Counter(each.verdict.kind for each in found)
    return {kind: kinds[kind] for kind in KINDS}


def shown(answer: dict[str, object]) -> str:
    """An answer in a line or two."""
    if "error" in answer:
        return f"{answer['error']} {str(answer.get('message', ''))[:_SHOWN_MAX]}".strip()
    columns = ", ".join(f"{name}: {kind}" for name, kind in zip(answer["names"], answer["types"], strict=True))
    return f"{' '.join(canonical.text(row) for row in answer['rows'])[:_SHOWN_MAX]}   [{columns[:_SHOWN_MAX]}]"


def _print(each: Compared) -> None:
    title = f"{each.verdict.kind} {each.verdict.reason}".strip()
    print(f"{each.sql}\n    spark:    {shown(each.expected)}\n    headgate: {shown(each.ours)}\n    {title}\n")


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        prog="python -m tests.oracle.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("families", nargs="*")
    options.add_argument("--wrong", action="store_true")
    options.add_argument("--refused", action="store_true")
    options.add_argument("--differs", action="store_true")
    options.add_argument("--equal", action="store_true")
    options.add_argument("-k", dest="pattern", default="", metavar="TEXT")
    options.add_argument("--reason", default="")
    options.add_argument("--top", action="store_true")
    options.add_argument("--keep", action="store_true")
    options.add_argument("--anew", action="store_true")
    return options.parse_args()


def _top(found: list[Compared]) -> None:
    said = Counter(
        f"{each.verdict.kind:8} {each.verdict.reason:12} {str(each.ours.get('message', ''))[:110]}" for each in found if each.verdict.kind != "equal"
    )
    for what, count in said.most_common(60):
        print(f"{count:6} {what}")


def _table(found: dict[str, list[Compared]]) -> None:
    everything = [each for rows in found.values() for each in rows]
    print(f"{'family':22}{'rows':>7}" + "".join(f"{kind:>15}" for kind in KINDS) + "   wrong by")
    for family, rows in (*found.items(), ("all", everything)):
        if rows:
            reasons = Counter(each.verdict.reason for each in rows if each.verdict.kind == "wrong").most_common()
            numbers = "".join(f"{count:15}" for count in counts(rows).values())
            print(f"{family:22}{len(rows):7}{numbers}   {', '.join(f'{count} {reason}' for reason, count in reasons)}")


def _keep(found: dict[str, list[Compared]], *, anew: bool) -> None:
    """Write the figures of these families where they are lower than before; whatever they are, if the corpus is another one."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for family, rows in found.items():
        now, before = counts(rows), kept.get(family)
        lower = before is None or (
            now["wrong"] <= before["wrong_max"] and now["wrong"] + now["refused"] <= before["wrong_max"] + before["refused_max"]
        )
        if lower or anew:
            kept[family] = {"wrong_max": now["wrong"], "refused_max": now["refused"]}
        else:
            print(f"{family} has more than before; its figures stay")
    lines = ",\n".join(f"  {json.dumps(family)}: {json.dumps(kept[family])}" for family in sorted(kept))
    KEPT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def main() -> None:
    """The command."""
    given, ours, found = _options(), Ours(), {}
    printed = {"wrong": given.wrong, "refused": given.refused, "error_differs": given.differs, "equal": given.equal}
    for family in given.families or families():
        found[family] = compared(family, ours, given.pattern)
        for each in found[family]:
            if printed[each.verdict.kind] and given.reason in each.verdict.reason:
                _print(each)
    if given.top:
        _top([each for rows in found.values() for each in rows])
    _table(found)
    if (given.keep or given.anew) and not given.pattern:
        _keep(found, anew=given.anew)


if __name__ == "__main__":
    main()
