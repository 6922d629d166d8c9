"""Who acts now, and from where: set where a request or a command begins, and read where an audit event is made. It decides nothing.

It is a context variable, as tasks and threads that are begun for a request inherit it. Without one Headgate itself acts.
"""

import contextlib
from collections.abc import Generator
from contextvars import ContextVar

import msgspec


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """A user or service principal by name, `os:NAME` for a command, or `headgate`. `run_as` is whose rights it uses, if those of another."""

    who: str = "headgate"
    run_as: str = ""
    address: str = ""
    user_agent: str = ""
    request_id: str = ""


_ACTING: ContextVar[Acting] = ContextVar("acting", default=Acting())  # ruff: ignore[mutable-contextvar-default] it is frozen


def acting() -> Acting:
    """Who acts now."""
    return _ACTING.get()


@contextlib.contextmanager
def acting_as(actor: Acting) -> Generator[None, None, None]:
    """Let `actor` act within the block, and in what is begun there."""
    token = _ACTING.set(actor)
    try:
        yield
    finally:
        _ACTING.reset(token)
