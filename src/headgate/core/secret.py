"""Secrets as a type: a value that cannot be printed, formatted, pickled or compared by accident."""

from typing import NoReturn, final


@final
class Secret:
    """Holds one secret string. Only `reveal` returns it; only the code that sends the secret calls `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")
