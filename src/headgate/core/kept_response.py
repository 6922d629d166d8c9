"""A response that its client may name later: to go on from it, to read it again or to delete it."""

import msgspec


class KeptResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One response of one principal. Where Headgate translated it, it has the conversation up to it (`input`) and the response object (`body`).

    A provider that keeps the response itself is asked for it: then there is only where it is. `endpoint` is the endpoint that answered, `provider` the
    provider behind it.
    """

    response_id: str
    principal_id: str
    created_at_s: int
    endpoint: str
    provider: str
    input: bytes = b""  # a JSON array of items
    body: bytes = b""

    @property
    def at_provider(self) -> bool:
        """Whether the provider keeps it."""
        return not self.body
