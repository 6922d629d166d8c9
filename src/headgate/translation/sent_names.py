"""Gives every tool a name that the target's dialect takes, each its own: a pure function of the tools so far, so that more tools change no name."""

import re
from functools import cache

from headgate.core.conversation import FUNCTION
from headgate.core.dialect_traits import DialectTraits
from headgate.translation.call_names import Called, CallNames
from headgate.translation.fingerprint import suffix

_SUFFIX_LENGTH = 7
_REPLACED = re.compile(r"[^A-Za-z0-9_-]")


class SentNames:
    """The names of one request's tools, issued in their order. Tools that only the history calls come after all that are offered.

    A name has a namespace beside it only where the dialect has namespaces; else both are one name, `namespace__name`.
    """

    def __init__(self, traits: DialectTraits) -> None:
        self._legal = _compiled(traits.name_pattern).fullmatch
        self._length_max = traits.name_length_max
        self._namespaces = traits.namespaces
        self._of_tool: dict[Called, tuple[str, str]] = {}
        self._of_name: dict[tuple[str, str], tuple[str, str]] = {}
        self._of_bare: dict[str, tuple[str, str]] = {}  # the first of each name, whatever its namespace
        self._called: dict[tuple[str, str], Called] = {}

    def issue(self, called: Called) -> tuple[str, str]:
        """The namespace and the name at the target of a tool of the client's; the same each time."""
        found = self._of_tool.get(called)
        if found is None:
            found = self._of_tool[called] = self._issued(called)
            self._of_name.setdefault((called.namespace, called.name), found)
            self._of_bare.setdefault(called.name, found)
            self._called[found] = called
        return found

    def of_call(self, name: str, kind: str = FUNCTION, namespace: str = "") -> tuple[str, str]:
        """The same for a call in the history. A tool that is offered is found by its name alone, as some clients write calls of every kind as functions.

        The name of a tool that is not offered depends on nothing else: tools that are found later do not change it.
        """
        found = self._of_name.get((namespace, name))
        if found is None:
            called = Called(name, kind, namespace)
            space, flat = self._flat(called)
            found = self._of_name[namespace, name] = (space, flat if self._fits(flat) else self._shortened(self._replaced(flat), called))
            self._of_bare.setdefault(name, found)
            self._called.setdefault(found, called)
        return found

    def of_choice(self, name: str) -> tuple[str, str] | None:
        """The same for a name in a choice, which may leave out the namespace; `None` if no tool has it."""
        return self._of_name.get(("", name)) or self._of_bare.get(name)

    def raised(self) -> CallNames:
        """The way back."""
        return CallNames(self._called)

    def _issued(self, called: Called) -> tuple[str, str]:
        namespace, name = self._flat(called)
        if not self._fits(name):
            name = self._replaced(name)
        if not self._fits(name) or (namespace, name) in self._called:
            name = self._shortened(name, called)
        return namespace, name

    def _flat(self, called: Called) -> tuple[str, str]:
        namespace = called.namespace if self._namespaces else ""
        return namespace, called.name if namespace or not called.namespace else f"{called.namespace}__{called.name}"

    def _replaced(self, name: str) -> str:
        """The name without what no dialect takes, and with a beginning that each takes."""
        name = _REPLACED.sub("_", name)
        return name if self._fits(name[:1]) else f"_{name}"

    def _shortened(self, name: str, called: Called) -> str:
        digits = suffix(f"{called.namespace}\0{called.name}\0{called.kind}")
        return f"{name[: self._length_max - _SUFFIX_LENGTH]}_{digits}"

    def _fits(self, name: str) -> bool:
        return len(name) <= self._length_max and self._legal(name) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
