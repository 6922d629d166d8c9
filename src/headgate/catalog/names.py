"""Three-level names: what a catalog, schema, table or model service may be called, how a name is read from text and written into SQL.

Names are kept in lower case, as Unity Catalog keeps them. This module looks nothing up.
"""

import re
from itertools import starmap
from typing import Final, NamedTuple

import msgspec

from headgate.core.errors import BadRequest

PART_CHARS_MAX = 255
_LEVELS = 3
_PLACEHOLDERS_TOLD = 5
KINDS = ("METASTORE", "CATALOG", "SCHEMA", "TABLE")
MODEL_SERVICE = "MODEL SERVICE"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALLOWED = re.compile(r"[^\x00-\x20./\\`\"'\x7f<>]+")
_PART = re.compile(r"`((?:[^`]|``)+)`|([^`.]+)")
# A documentation placeholder such as <catalog> or <table_prefix>; the lookbehind leaves ARRAY<INT> alone.
_PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])<([A-Za-z][A-Za-z0-9_ -]{0,40})>|_<([A-Za-z][A-Za-z0-9_-]{0,40})>")


class Name(msgspec.Struct, frozen=True, order=True):
    """A securable by its parts from the left: none for the metastore, then catalog, schema, table. A table and a model service may have the same parts."""

    parts: tuple[str, ...] = ()
    service: bool = False

    @property
    def kind(self) -> str:
        """`METASTORE`, `CATALOG`, `SCHEMA`, `TABLE` or `MODEL SERVICE`."""
        return MODEL_SERVICE if self.service else KINDS[len(self.parts)]

    @property
    def leaf(self) -> str:
        """The last part; empty for the metastore."""
        return self.parts[-1] if self.parts else ""

    @property
    def parent(self) -> "Name":
        """One level up; the metastore is its own parent."""
        return Name(self.parts[:-1])

    def child(self, part: str) -> "Name":
        """One level down."""
        return Name((*self.parts, part))

    def lineage(self) -> tuple["Name", ...]:
        """The metastore, the catalog, … down to this name."""
        return (*(Name(self.parts[:depth]) for depth in range(len(self.parts))), self)

    def __str__(self) -> str:
        return ".".join(self.parts)

    @property
    def sql(self) -> str:
        """As it is written in a Databricks statement, in backquotes where needed."""
        return ".".join(quote(part) for part in self.parts)


METASTORE = Name()


def quote(part: str) -> str:
    """One identifier in backquotes, or bare where that reads the same."""
    return part if _PLAIN.fullmatch(part) else "`" + part.replace("`", "``") + "`"


def check_part(part: str, kind: str) -> str:
    """The part in lower case, or a refusal that says what a name may hold."""
    if not part:
        raise BadRequest(f"A {kind.lower()} name is empty.", code="INVALID_PARAMETER_VALUE")
    if len(part) > PART_CHARS_MAX:
        raise BadRequest(f"A {kind.lower()} name has {len(part)} characters; at most {PART_CHARS_MAX} are allowed.", code="INVALID_PARAMETER_VALUE")
    if not _ALLOWED.fullmatch(part):
        message = f"The {kind.lower()} name {part!r} holds a space, dot, slash, quote, angle bracket or control character."
        raise BadRequest(message, code="INVALID_PARAMETER_VALUE")
    return part.lower()


class Defaults(NamedTuple):
    """The catalog and the schema that names with fewer parts are completed with. Both exist from the start."""

    catalog: str = "main"
    schema: str = "default"


DEFAULTS: Final = Defaults()


def of_parts(parts: tuple[str, ...], levels: int, defaults: tuple[str, ...] = ()) -> Name:
    """A checked name of exactly `levels` parts; missing parts on the left are taken from `defaults` (a catalog and a schema)."""
    kind = KINDS[levels].lower()
    if len(parts) > levels:
        raise BadRequest(f"'{'.'.join(parts)}' has {len(parts)} parts; a {kind} name has {levels}.", code="INVALID_PARAMETER_VALUE")
    missing = levels - len(parts)
    if missing > len(defaults):
        example = ".".join(KINDS[level].lower() for level in range(1, levels + 1))
        raise BadRequest(f"'{'.'.join(parts)}' is not a full {kind} name; write {example}.", code="INVALID_PARAMETER_VALUE")
    whole = (*defaults[:missing], *parts)
    return Name(tuple(check_part(part, KINDS[level]) for level, part in enumerate(whole, start=1)))


def service_of_parts(parts: tuple[str, ...], defaults: tuple[str, ...] = ()) -> Name:
    """A checked name of a model service; missing parts on the left are taken from `defaults`."""
    missing = _LEVELS - len(parts)
    if not 0 <= missing <= len(defaults):
        raise BadRequest(f"{'.'.join(parts)!r} is no name of a model service; write catalog.schema.service.", code="INVALID_PARAMETER_VALUE")
    whole = (*defaults[:missing], *parts)
    return Name(tuple(starmap(check_part, zip(whole, (*KINDS[1:_LEVELS], MODEL_SERVICE), strict=True))), service=True)


def service_of_endpoint(endpoint: str) -> Name | None:
    """The name of the model service that an endpoint of this name is; `None` for one that is none, whatever the catalog has."""
    parts = tuple(endpoint.split("."))
    if len(parts) != _LEVELS or "*" in endpoint:
        return None
    try:
        return service_of_parts(parts)
    except BadRequest:  # the name of a model may have what no name of the catalog has
        return None


def parse_service(text: str) -> Name:
    """The dotted name of a model service as a path holds it."""
    refuse_placeholders(text)
    return service_of_parts(split(text.strip()))


def parse(text: str, levels: int, defaults: tuple[str, ...] = ()) -> Name:
    """A dotted name as a header or a path holds it, backquotes allowed: `main.default.cc_otel_logs`."""
    refuse_placeholders(text)
    return of_parts(split(text.strip()), levels, defaults)


def split(text: str) -> tuple[str, ...]:
    """The parts of a dotted name, backquotes removed."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            break
        parts.append(match[1].replace("``", "`") if match[1] else match[2])
        position = match.end()
        if position < len(text) and text[position] != ".":
            break
        position += 1
    else:
        if parts and not text.endswith("."):
            return tuple(parts)
    raise BadRequest(f"{text!r} is not a name; write catalog.schema.table.", code="INVALID_PARAMETER_VALUE")


def placeholders(text: str) -> list[str]:
    """The documentation placeholders left in a text, in order, each once."""
    return list(dict.fromkeys(f"<{first or second}>" for first, second in _PLACEHOLDER.findall(text)))


def refuse_placeholders(text: str) -> None:
    """Raise a refusal that says what to put in place of `<catalog>` and the like, if any is left in."""
    found = placeholders(text)[:_PLACEHOLDERS_TOLD]
    if found:
        words = found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1]
        example = text.strip().splitlines()[0][:120] if text.strip() else ""
        for word in found:
            example = example.replace(word, _EXAMPLES.get(word.strip("<>").lower(), "my_" + word.strip("<>").replace(" ", "_")))
        raise BadRequest(f"Replace the placeholder {words} with a name of your own, for example: {example}", code="PLACEHOLDER_LEFT_IN")


_EXAMPLES = {
    "catalog": "main",
    "schema": "default",
    "table_prefix": "claude_code",
    "table": "my_table",
    "catalog_name": "main",
    "schema_name": "default",
}
