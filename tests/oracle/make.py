"""Write `expected/`: what Spark answers to every statement of the corpus. `make oracle` runs it in `.oracle`, as `python -m tests.oracle.make [family …]`.

Statements whose answer is in the file are not asked again, unless `--anew` is given. A statement that depends on the session's time zone has a second answer
under `zones`. What Spark cannot pass to Python is left out, and printed.
"""

import argparse
import json
import re

from tests.oracle import generate, spark
from tests.oracle.statements import ABOUT, EXPECTED, written

ZONE = "America/New_York"
_PART = 240
_ZONED = re.compile(r"time|date|zone|hour|minute|day|month|year|week|unix|utc|\bat\b|cast|json|::|csv|now", re.IGNORECASE)


def corpus() -> dict[str, list[str]]:
    """Every family's statements, by hand and generated, each once in the whole corpus."""
    families = written()
    for family, statements in generate.families().items():
        families.setdefault(family, []).extend(statements)
    seen: set[str] = set()
    return {
        family: [sql for sql in statements if not ((bare := sql.removesuffix(ABOUT)) in seen or seen.add(bare))]
        for family, statements in sorted(families.items())
    }


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(prog="python -m tests.oracle.make", description=__doc__)
    options.add_argument("families", nargs="*")
    options.add_argument("--anew", action="store_true")
    given = options.parse_args()
    session = None
    for family, statements in corpus().items():
        if given.families and family not in given.families:
            continue
        path = EXPECTED / f"{family}.jsonl"
        known = {} if given.anew or not path.exists() else {row["sql"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
        missing = [sql for sql in (statement.removesuffix(ABOUT) for statement in statements) if sql not in known]
        for start in range(0, len(missing), _PART):
            session = session or spark.session("/tmp/headgate-oracle-make")
            part = missing[start : start + _PART]
            known |= dict(zip(part, _rows(session, part), strict=True))
            print(f"{family}: {start + len(part)} of {len(missing)}", flush=True)
        rows = []
        for statement in statements:
            row = known[statement.removesuffix(ABOUT)]
            if row is not None:
                row.pop("approx", None)
                rows.append(row | ({"approx": True} if statement.endswith(ABOUT) else {}))
        path.parent.mkdir(exist_ok=True)
        lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        print(f"{family}: {len(rows)}, {sum('error' in row for row in rows)} of them errors", flush=True)


def _rows(session, statements: list[str]) -> list[dict[str, object] | None]:
    """The lines of the file; none for what is left out."""
    zoned = [sql for sql in statements if _ZONED.search(sql)]
    there = dict(zip(zoned, spark.answers(session, zoned, ZONE), strict=True))
    return [_row(sql, found, there.get(sql, found)) for sql, found in zip(statements, spark.answers(session, statements), strict=True)]


def _row(sql: str, found: dict[str, object], there: dict[str, object]) -> dict[str, object] | None:
    if str(found.get("error", "")).startswith("PYTHON") or found.get("error") == "INTERNAL_ERROR":
        print(f"left out, {found['error']} {found['message'][:80]}: {sql}")
        return None
    row = {"sql": sql} | {key: value for key, value in found.items() if key != "message"}
    differs = {key: value for key, value in there.items() if key != "message" and found.get(key) != value}
    return row | ({"zones": {ZONE: differs}} if differs else {})


if __name__ == "__main__":
    main()
