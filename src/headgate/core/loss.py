"""What a translation could not say in the target's dialect."""

import msgspec


class Loss(msgspec.Struct, frozen=True, array_like=True):
    """One thing that was left out or changed. `what` is a field or a kind of part in the client's words, `why` a short sentence for people."""

    what: str
    why: str
