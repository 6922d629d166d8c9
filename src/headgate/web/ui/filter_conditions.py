"""The filters as conditions on a relation. Every value is a named parameter; names of columns come from our own tables of relations."""

from collections.abc import Mapping, Sequence

from headgate.admin.statement_ports import Parameter
from headgate.web.ui.filters import ENDINGS, VALUES, Filters
from headgate.web.ui.relation_columns import RELATIONS, Relation

_LISTED_MAX = 100  # members of groups that are compared one by one; more are joined
_USAGE = RELATIONS[0]


class Conditions:
    """The conditions of one page's filters. `members` are the users of the groups that are filtered by; a member that is in none sees no row."""

    def __init__(self, filters: Filters, members: Sequence[str]) -> None:
        self._filters = filters
        self._members = tuple(dict.fromkeys(members))
        self.parameters = self._parameters()

    def of(self, relation: Relation, place: str) -> list[str]:
        """What rows of the relation must satisfy. `place` is where the tables are whose exchanges an agent session is asked by."""
        conditions = [text for name in VALUES for text in self._one(name, relation.filters)]
        others = [name for name in VALUES if not self._one(name, relation.filters)]
        asked = [text for name in others for text in self._one(name, _USAGE.filters)]
        if relation.session and asked:
            inner = f"SELECT session_id FROM {place}usage WHERE {' AND '.join(asked)}"  # ruff: ignore[hardcoded-sql-expression] - all of it is ours
            conditions.append(f"{relation.session} IN ({inner})")
        return conditions

    def _one(self, name: str, columns: Mapping[str, str]) -> list[str]:
        column = columns.get("user" if name == "group" else name)
        values = self._filters.values(name)
        if column is None or not values:
            return []
        match name:
            case "group":
                return [self._in_group(column)]
            case "tag":
                return self._tags(column)
            case "status":
                return [self._statuses(column)]
            case "model" if column == "models":
                return [f"exists(models, each -> each IN ({_markers(name, values)}))"]
            case _:
                return [f"{column} IN ({_markers(name, values)})"]

    def _in_group(self, column: str) -> str:
        if not self._members:
            return "false"
        if len(self._members) <= _LISTED_MAX:
            return f"{column} IN ({_markers('member', self._members)})"
        return f"{column} IN (SELECT explode(split(:members, '\\n')))"

    def _tags(self, column: str) -> list[str]:
        """Values of one key are alternatives; tags of several keys must all be there."""
        keys: dict[str, list[int]] = {}
        for number, tag in enumerate(self._filters.tag, start=1):
            keys.setdefault(tag.partition(":")[0], []).append(number)
        return [f"{column}[:tag_key_{numbers[0]}] IN ({', '.join(f':tag_{number}' for number in numbers)})" for numbers in keys.values()]

    def _statuses(self, column: str) -> str:
        """Any of the statuses: how an exchange ended, its code, or the class of its code."""
        values = self._filters.status
        endings = [f":status_{number}" for number, value in enumerate(values, start=1) if value in ENDINGS]
        codes = [f"CAST(:status_{number} AS INT)" for number, value in enumerate(values, start=1) if value.isdigit()]
        parts = [f"ended IN ({', '.join(endings)})"] if endings else []
        parts += [f"{column} IN ({', '.join(codes)})"] if codes else []
        classes = [number for number, value in enumerate(values, start=1) if value.endswith("xx")]
        parts += [f"CAST({column} AS STRING) LIKE :status_{number}" for number in classes]
        return f"({' OR '.join(parts)})"

    def _parameters(self) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        for name in VALUES:
            for number, value in enumerate(self._filters.values(name), start=1):
                if name == "tag":
                    key, _, rest = value.partition(":")
                    found += (Parameter(f"tag_key_{number}", key), Parameter(f"tag_{number}", rest))
                elif name != "group":
                    found.append(Parameter(f"{name}_{number}", f"{value[0]}__" if name == "status" and value.endswith("xx") else value))
        if self._members and len(self._members) <= _LISTED_MAX:
            found += (Parameter(f"member_{number}", member) for number, member in enumerate(self._members, start=1))
        elif self._members:
            found.append(Parameter("members", "\n".join(self._members)))
        return tuple(found)


def _markers(name: str, values: Sequence[str]) -> str:
    return ", ".join(f":{name}_{number}" for number in range(1, len(values) + 1))
