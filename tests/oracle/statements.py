"""The statements of the corpus, by family: the lines of `corpus/<family>.sql` and what `generate` makes of lists.

A line is a statement, or an expression, which is selected. Lines that begin with `--` are comments. ` --~` at the end of a line says that floating-point
numbers in its answer are compared to twelve digits: their last ones depend on the order of a sum, or on the library of mathematics.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
EXPECTED = HERE / "expected"
ABOUT = " --~"
# What is more than a list of expressions over no table, or makes several rows of one.
ALONE = re.compile(
    r"^(?!SELECT )|^SELECT (\*|ALL|DISTINCT)|\b(SELECT.*\bSELECT|FROM (VALUES|requests|people|edges|range|\()|inline|stack|json_tuple|OVER|count|sum|percentile"
    r"|first|max_by|variant_explode|LATERAL)\b|explode|^SELECT .* (FROM|UNION|WHERE|GROUP|HAVING|ORDER|LIMIT) (?!.*\))|--|;",
    re.IGNORECASE | re.DOTALL,
)

_STATEMENT = re.compile(r"\s*(SELECT|WITH|VALUES|FROM|TABLE|\(\s*SELECT|DESCRIBE|SHOW)\b", re.IGNORECASE)


def whole(line: str) -> str:
    """A line of the corpus as a statement."""
    return line if _STATEMENT.match(line) else f"SELECT {line}"


def written() -> dict[str, list[str]]:
    """The lines of every family that are written by hand, whole and without those that repeat."""
    return {path.stem: _lines(path) for path in sorted(CORPUS.glob("*.sql"))}


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return list(dict.fromkeys(whole(line) for line in lines if line and not line.startswith("--")))
