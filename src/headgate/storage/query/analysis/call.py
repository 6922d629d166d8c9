"""A call of a function as its rule sees it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from headgate.catalog.types import Type
from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import casts
from headgate.storage.query.analysis.scope import NameScope
from headgate.storage.query.analysis.value import Value, refused

if TYPE_CHECKING:
    from headgate.admin.statement_ports import Query

_SHOWN = {
    name: name.upper()
    for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "cot", "csc", "degrees", "exp", "expm1", "hypot", "log", "log10",
        "log1p", "log2", "pi", "power", "radians", "sec", "sin", "sinh", "sqrt", "tan", "tanh",
    )
} | {"signum": "SIGNUM", "rank": "RANK", "dense_rank": "DENSE_RANK", "percent_rank": "PERCENT_RANK"}  # fmt: skip
"""Functions that an unnamed column's name has in capitals."""
Analyse = Callable[[exp.Expression, NameScope], Value]


class Session:
    """The query that is analysed, and whether an expression has asked for it: who runs it, and under which defaults."""

    def __init__(self, query: "Query") -> None:
        self._query = query
        self.asked = False

    @property
    def query(self) -> "Query":
        """What is analysed depends on it from now on."""
        self.asked = True
        return self._query


class FunctionCall:
    """The function's name as it was written, its arguments as trees, and how each is analysed. Values are made once, when they are asked for."""

    def __init__(self, name: str, arguments: Sequence[exp.Expression], scope: NameScope, analyse: Analyse, session: "Session") -> None:
        self.name = name.lower()
        self.arguments = tuple(arguments)
        self.scope = scope
        self.distinct = False
        self.condition = ""  # of FILTER
        self.window = ""  # OVER (…)
        self.nulls = ""  # IGNORE NULLS
        self.order: tuple[tuple[Value, str], ...] = ()  # of WITHIN GROUP: keys with their directions
        self._analyse = analyse
        self._session = session
        self._values: dict[int, Value] = {}

    def __len__(self) -> int:
        return len(self.arguments)

    @property
    def query(self) -> "Query":
        """The query that the call is in. What depends on it is analysed for each query anew."""
        return self._session.query

    def value(self, place: int) -> Value:
        """An argument, by its place from 0."""
        found = self._values.get(place)
        if found is None:
            found = self._values[place] = self._analyse(self.arguments[place], self.scope)
        return found

    @property
    def values(self) -> list[Value]:
        """All arguments."""
        return [self.value(place) for place in range(len(self.arguments))]

    def analyse(self, tree: exp.Expression, scope: NameScope) -> Value:
        """A tree inside of the call, in a scope of its own: the body of a lambda."""
        return self._analyse(tree, scope)

    def constant(self, place: int, what: str) -> str:
        """The text of a literal argument. Raises if it is no literal: `what` names it."""
        found = self.value(place).constant
        if not isinstance(found, str) or "\ue000" in found:
            raise refused(f"{what} of {self.name} is a quoted text or a number, not an expression.")
        return found

    def not_constant(self, place: int, what: str) -> BadRequest:
        """The refusal of an argument that is no literal: a column is an error of Databricks' too, another expression is refused here alone."""
        code = "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT" if self.arguments[place].find(exp.Column) else "UNSUPPORTED_FEATURE"
        return refused(f"{what} of {self.name} is written out: it is no expression.", code)

    def counted(self, least: int, most: int | None = None) -> None:
        """Refuse another number of arguments."""
        most = least if most is None else most
        if not least <= len(self) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise refused(f"The `{self.name}` requires {wanted} parameters but the actual number is {len(self)}.", "WRONG_NUM_ARGS")

    @property
    def over(self) -> str:
        """FILTER and OVER, as an aggregate's text ends."""
        return (f" FILTER (WHERE {self.condition})" if self.condition else "") + self.window

    def over_where(self, extra: str) -> str:
        """The same with one more condition on the rows."""
        return f" FILTER (WHERE {extra}{f' AND {self.condition}' if self.condition else ''}){self.window}"

    def cast(self, place: int, to: Type) -> str:
        """An argument's text as another type, as an implicit cast gives it."""
        return casts.implicit(self.value(place), to, self.name)

    def gives(self, text: str, kind: Type, name: str = "") -> Value:
        """The call's value, with the name that Databricks gives to its column."""
        return Value(text=text, kind=kind, name=name or self.title)

    def gives_more(self, text: str, kind: Type, *more: object) -> Value:
        """As `gives`, where Databricks shows arguments that were left out."""
        names = [value.name for value in self.values] + [str(one) for one in more]
        return Value(text=text, kind=kind, name=f"{self.name}({', '.join(names)})")

    @property
    def title(self) -> str:
        """The name of an unnamed column that holds this call."""
        return self.titled(_SHOWN.get(self.name, self.name))

    def titled(self, name: str) -> str:
        """The same for a call under another name, as Spark prints an alias."""
        names = ", ".join(self.value(place).name for place in range(len(self.arguments)))
        return f"{name}({'DISTINCT ' if self.distinct else ''}{names})"
