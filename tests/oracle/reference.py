"""`docs/sql-reference.md`, made of the allow-list of functions: `python -m tests.oracle.reference` writes it anew.

The test beside it fails where the page is another than the list gives, and runs every example.
"""

from pathlib import Path

from headgate.storage.query.analysis import kinds, meanings
from headgate.storage.query.analysis.meaning import CallForm, Letter, ListOf, MapOf, Meaning, Pattern

PAGE = Path("docs/sql-reference.md")
_HEAD = """# SQL functions

The functions that statements may call, as [Databricks](https://docs.databricks.com/en/sql/language-manual/sql-ref-functions-builtin-alpha.html) has them.
Each example is run by a test. What is not here is refused by its name, and so is what could not be answered as Databricks answers it. [SQL](sql.md) has
the rest: statements, types, limits.

In a form `T`, `U`, `K` and `V` are any type, the same wherever the letter is; `N` is any number, `I` a whole number, `E` a day or a moment; `…` repeats.
A function without a form takes constants, lambdas or several shapes of arguments, as its example shows.
"""
_HEADER = "| Function | Forms | Example | Gives |\n|---|---|---|---|"
_TITLES = {
    "basics": "Conditions, the session, conversions",
    "numbers": "Numbers",
    "texts": "Texts and bytes",
    "patterns": "Patterns",
    "encodings": "Encodings and digests",
    "times": "Days, moments, intervals",
    "collections": "Arrays, maps, structs, lambdas",
    "json": "JSON and VARIANT",
    "groups": "Aggregates and windows",
}


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for name, found in meanings.FAMILIES.items():
        ordered = sorted(found, key=lambda one: one.names)
        rows = [_row(meaning) for meaning in ordered if not meaning.refused and meaning.names != (":",)]
        parts += [f"## {_TITLES.get(name, name.replace('_', ' ').capitalize())}\n", "\n".join([_HEADER, *rows]) + "\n"]
        refused = [_refused(meaning) for meaning in ordered if meaning.refused]
        if refused:
            parts.append("Refused:\n\n" + "\n".join(refused) + "\n")
    return "\n".join(parts)


def _row(meaning: Meaning) -> str:
    names = ", ".join(f"`{name}`" for name in meaning.names)
    forms = "<br>".join(f"`{_signature(one)}`" for one in meaning.forms)
    note = f" {meaning.note}" if meaning.note else ""
    example = f"`{_cell(meaning.example)}`" if meaning.example else ""
    gives = f"`{_cell(meaning.gives)}`" if meaning.gives else ""
    return f"| {names}{note} | {forms} | {example} | {gives} |"


def _refused(meaning: Meaning) -> str:
    return f"- {', '.join(f'`{name}`' for name in meaning.names)}: {meaning.refused}"


def _signature(one: CallForm) -> str:
    words = [_spelled(place) for place in one.takes]
    if one.many:
        words[-1] += "…"
    return f"({', '.join(words)}) → {_spelled(one.gives)}"


def _spelled(place: Pattern) -> str:
    match place:
        case Letter(name):
            return name
        case ListOf(element):
            return f"array<{_spelled(element)}>"
        case MapOf(key, value):
            return f"map<{_spelled(key)}, {_spelled(value)}>"
        case _:
            return kinds.sql(place).lower()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
