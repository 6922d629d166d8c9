"""The names that tools have at the target, and what a call of each is at the client: name, kind and namespace."""

import msgspec

from headgate.core.conversation import FUNCTION


class Called(msgspec.Struct, frozen=True):
    """A tool as the client knows it."""

    name: str
    kind: str = FUNCTION
    namespace: str = ""


class CallNames(msgspec.Struct, frozen=True):
    """Finds the client's tool for a call in a target's answer, by the namespace and the name that were sent."""

    sent: dict[tuple[str, str], Called] = {}

    def of(self, name: str, kind: str = FUNCTION, namespace: str = "") -> Called:
        """The client's tool for a call. A name that was not sent stays as it is: the model made it up, and the client reports that."""
        return self.sent.get((namespace, name)) or Called(name, kind, namespace)
