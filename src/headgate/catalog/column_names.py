"""Which names a column may have. Pure text; loads no parser, so that processes without one ask it too."""

import re

from headgate.core.errors import BadRequest

# Without column mapping Delta refuses these in a column's name; a dot would need quoting in every query.
_UNWRITABLE = re.compile(r"[ ,;{}()\n\t=.`\x00]")


def check_column_name(name: str) -> str:
    """The name, or a refusal of one that Delta does not take for a column."""
    if not name or _UNWRITABLE.search(name):
        raise BadRequest(
            f"[PARSE_SYNTAX_ERROR] The column name {name!r} is not taken: Delta refuses spaces, dots and any of ,;{{}}()= in it.",
            code="PARSE_SYNTAX_ERROR",
        )
    return name
