"""The fields of a query string or of a form: one value for most names, several for some."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl


class Fields(Mapping[str, str]):
    """As a mapping it gives the first value of a name. `all` gives every value in the order in which the browser sent them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    def parse(cls, text: str) -> "Fields":
        """The fields of `application/x-www-form-urlencoded` text. Bytes that are no UTF-8 become replacement characters."""
        return cls(parse_qsl(text, keep_blank_values=True))

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name; none where the name is missing."""
        return tuple(self._values.get(name, ()))

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


NO_FIELDS = Fields([])
