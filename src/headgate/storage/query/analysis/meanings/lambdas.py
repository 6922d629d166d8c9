"""What functions of arrays, maps and lambdas have in common: the types of their arguments, and the bodies and variables of lambdas."""

from sqlglot import exp

from headgate.catalog.types import Array, Map, Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.scope import LambdaScope, NameScope
from headgate.storage.query.analysis.value import Value, mismatch, refused

VARIABLE = "namedlambdavariable()"
"""The name of every variable of a lambda in a column's name."""


def array_of(call: FunctionCall, place: int) -> Array:
    """The type of an argument that has to be an ARRAY."""
    kind = call.value(place).kind
    if not isinstance(kind, Array):
        raise mismatch(f"{call.name} takes an ARRAY, not {kinds.sql(kind)}.")
    return kind


def map_of(call: FunctionCall, place: int) -> Map:
    """The type of an argument that has to be a MAP."""
    kind = call.value(place).kind
    if not isinstance(kind, Map):
        raise mismatch(f"{call.name} takes a MAP, not {kinds.sql(kind)}.")
    return kind


def body_of(call: FunctionCall, place: int, *parameters: tuple[str, Type]) -> tuple[Value, list[str]]:
    """The body of a lambda whose parameters have these texts and types, and the names that the query gives to them."""
    tree = call.arguments[place]
    if not isinstance(tree, exp.Lambda):
        raise refused(f"{call.name} takes a lambda: x -> …")
    names = [one.name for one in tree.expressions]
    if len(names) > len(parameters):
        raise refused(f"The lambda of {call.name} takes at most {len(parameters)} parameters.", "INVALID_LAMBDA_FUNCTION_CALL")
    variables = {name: Value(text=text, kind=kind, name=VARIABLE) for name, (text, kind) in zip(names, parameters, strict=False)}
    return call.analyse(tree.this, LambdaScope(call.scope, variables)), names


def body_of_all(call: FunctionCall, place: int, *parameters: tuple[str, Type]) -> Value:
    """The same for a lambda that has to take every parameter."""
    body, names = body_of(call, place, *parameters)
    if len(names) != len(parameters):
        raise refused(f"The lambda of {call.name} takes {len(parameters)} parameters.", "INVALID_LAMBDA_FUNCTION_CALL")
    return body


def variable(call: FunctionCall, letter: str) -> str:
    """A lambda variable that no lambda around this one has."""
    depth = 0
    scope: NameScope | None = call.scope
    while scope is not None:
        depth += isinstance(scope, LambdaScope)
        scope = scope.outer
    return f"{letter}{depth}"


def shown(call: FunctionCall, body: Value, count: int) -> str:
    """The column's name of a call whose last argument is a lambda of so many parameters."""
    before = ", ".join(call.value(place).name for place in range(len(call) - 1))
    return f"{call.name}({before}, {function(body, count)})"


def function(body: Value, count: int) -> str:
    """A lambda in a column's name."""
    return f"lambdafunction({', '.join([body.name, *[VARIABLE] * count])})"
