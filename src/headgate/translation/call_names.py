"""The names that tools have at the target, and what a call of each is at the client: name, kind and namespace."""

import msgspec

from headgate.core.conversation import FUNCTION


class Called(msgspec.Struct, frozen=True):
    """A tool as the client knows it."""

    name: str
    kind: str = FUNCTION
    namespace: str = ""


class CallNames(msgspec.Struct, frozen=True):
    """Finds the client's tool for a name in a target's answer. `renamed` has those alone that the client knows in another way."""

    renamed: dict[str, Called] = {}

    def of(self, name: str, kind: str = FUNCTION, namespace: str = "") -> Called:
        """The client's tool for a call in an answer. A name that was not sent stays as it is: the model made it up, and the client says so."""
        return self.renamed.get(name) or Called(name, kind, namespace)
