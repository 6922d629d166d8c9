"""A query's text and its syntax tree: the text becomes a checked tree with its parameters bound, and a compiled tree becomes DuckDB's text.

It resolves no name and knows no catalog.
"""

import functools

from sqlglot import exp
from sqlglot.errors import ErrorLevel, UnsupportedError

from headgate.admin.statement_ports import Parameter
from headgate.catalog import names, types
from headgate.catalog.sql_text import NOT_UNDERSTOOD, parse, tokenize
from headgate.catalog.sql_text import refused as unparsed
from headgate.core.errors import BadRequest
from headgate.storage.query import allowed_syntax
from headgate.storage.query.allowed_syntax import refused

_PARAMETERS_MAX = 256
_VIEW_TEXTS_MAX = 64


def read(text: str) -> exp.Expression:
    """The tree of one statement that reads. Its syntax is not checked yet."""
    tokenize(text)  # one statement, of bounded length
    try:
        trees = parse(text)
    except BadRequest:
        names.refuse_placeholders(text)
        raise
    tree = next((tree for tree in trees if tree is not None), None)
    if not isinstance(tree, allowed_syntax.ROOTS):
        raise refused(f"Only statements that read are run as queries, not {type(tree).__name__}.")
    return tree


@functools.lru_cache(maxsize=_VIEW_TEXTS_MAX)
def view_tree(text: str) -> exp.Expression:
    """The checked tree of a view's text. All callers share it, so copy it before you change it."""
    tree = read(text)
    allowed_syntax.check(tree)
    for node in tree.walk():
        # The positions in the text. They are half of what a copy costs, and nothing reads them.
        node.comments = node._meta = None  # ruff: ignore[private-member-access]
    return tree


def write(tree: exp.Expression) -> str:
    """The tree as DuckDB SQL."""
    try:
        # Every identifier is quoted: DuckDB reserves words that Databricks does not (`at`), and ignores case either way.
        return tree.sql("duckdb", identify=True, unsupported_level=ErrorLevel.RAISE, copy=False)
    except UnsupportedError as error:
        raise refused(str(error)) from error
    except NOT_UNDERSTOOD as error:  # the writer fails on some trees that the parser accepts
        raise unparsed("The query cannot be compiled; perhaps an argument of a function is missing.") from error


def by_name(parameters: tuple[Parameter, ...]) -> dict[str, Parameter]:
    """The parameters by their names in lower case. Refuses too many."""
    if len(parameters) > _PARAMETERS_MAX:
        raise BadRequest(f"A statement takes at most {_PARAMETERS_MAX} parameters.", code="INVALID_PARAMETER_VALUE")
    return {parameter.name.lower(): parameter for parameter in parameters}


def bind(tree: exp.Expression, parameters: dict[str, Parameter]) -> None:
    """Replace every named marker by a typed literal; sqlglot quotes it."""
    for marker in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        if isinstance(marker.parent, exp.TableAlias):
            continue  # the short form of time travel
        name = marker.name if isinstance(marker, exp.Placeholder) else ""
        parameter = parameters.get(name.lower())
        if parameter is None:
            raise BadRequest(f"[UNBOUND_SQL_PARAMETER] The parameter :{name or '?'} has no value.", code="UNBOUND_SQL_PARAMETER")
        marker.replace(_literal(parameter))


def _literal(parameter: Parameter) -> exp.Expression:
    kind = types.parse_text(parameter.type or "STRING")
    if not isinstance(kind, (types.Primitive, types.Decimal)) or kind in {types.Primitive("variant"), types.Primitive("binary")}:
        raise BadRequest(f"The parameter :{parameter.name} has the type {parameter.type}; scalar types are taken.", code="INVALID_PARAMETER_VALUE")
    value = exp.null() if parameter.value is None else exp.Literal.string(parameter.value)
    return exp.cast(value, exp.DataType.build(types.text(kind), dialect="databricks"))
