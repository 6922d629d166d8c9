"""A query's text and its syntax tree: the text becomes a checked tree with its parameters bound, and a compiled tree becomes DuckDB's text.

It resolves no name and knows no catalog.
"""

import functools
import itertools

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from headgate.admin.statement_ports import Parameter
from headgate.catalog import names, types
from headgate.catalog.sql_text import parse, tokenize
from headgate.core.errors import BadRequest
from headgate.storage.query import tree_nodes
from headgate.storage.query.analysis.value import refused
from headgate.storage.query.query_parser import QueryDialect

ROOTS = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_BEGINS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.VALUES, TokenType.FROM})
_NODES_MAX = 20_000
_PARAMETERS_MAX = 256
_VIEW_TEXTS_MAX = 64


def read(text: str) -> exp.Expression:
    """The tree of one statement that reads. What is in it is not checked yet."""
    tokens = tokenize(text)  # one statement, of bounded length
    written = _with_quotes(text, tokens)
    try:
        # Tokens are what parsing costs most. They are the parser's own where no command begins, and nothing was written anew.
        trees = parse(text, QueryDialect, tokens) if written is text and tokens[0].token_type in _BEGINS else parse(written, QueryDialect)
    except BadRequest:
        names.refuse_placeholders(text)
        raise
    tree = next((tree for tree in trees if tree is not None), None)
    if not isinstance(tree, ROOTS):
        raise refused(f"Only statements that read are run as queries, not {type(tree).__name__}.")
    if any(count > _NODES_MAX for count, _ in enumerate(tree_nodes.walk(tree), start=1)):
        raise refused("The query is too large.")
    return tree


def _with_quotes(text: str, tokens: list[Token]) -> str:
    """The text with every doubled quote within a quoted text behind a backslash. sqlglot reads two texts that touch, and drops the quote between them."""
    for first, second in reversed(list(itertools.pairwise(tokens))):
        touching = first.token_type == second.token_type == TokenType.STRING and second.start == first.end + 1
        if not touching:
            continue
        quotes = text[first.end : second.start + 1]
        if quotes not in {"''", '""'}:
            raise refused("Two quoted texts touch; put a space between them.")
        text = f"{text[: first.end]}\\{quotes[0]}{text[second.start + 1 :]}"
    return text


@functools.lru_cache(maxsize=_VIEW_TEXTS_MAX)
def view_tree(text: str) -> exp.Expression:
    """The tree of a view's text. All callers share it, so copy it before you change it."""
    tree = read(text)
    for node in tree_nodes.walk(tree):
        # The positions in the text. They are half of what a copy costs, and nothing reads them.
        node.comments = node._meta = None  # ruff: ignore[private-member-access]
    return tree


def by_name(parameters: tuple[Parameter, ...]) -> dict[str, Parameter]:
    """The parameters by their names in lower case. Refuses too many."""
    if len(parameters) > _PARAMETERS_MAX:
        raise BadRequest(f"A statement takes at most {_PARAMETERS_MAX} parameters.", code="INVALID_PARAMETER_VALUE")
    return {parameter.name.lower(): parameter for parameter in parameters}


def bind(tree: exp.Expression, parameters: dict[str, Parameter]) -> None:
    """Replace every named marker by a typed literal; sqlglot quotes it."""
    for marker in list(tree_nodes.of_kinds(tree, exp.Placeholder, exp.Parameter)):
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
    return exp.Cast(this=value, to=_type(types.text(kind)).copy())


@functools.lru_cache(maxsize=128)
def _type(text: str) -> exp.DataType:
    """The tree of a type. All callers share it, so copy it."""
    return exp.DataType.build(text, dialect="databricks")
