"""A refusal as a value, for the pipes between our processes: what one process refuses, another one raises."""

import msgspec

from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound, Unavailable

_CLASSES: dict[str, type[GatewayError]] = {made.kind: made for made in (BadRequest, Forbidden, NotFound, Unavailable)}


class ErrorValue(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A refusal, as an error of the vocabulary is made of."""

    message: str
    status: int
    kind: str
    code: str
    retry_after_s: float | None = None

    @classmethod
    def of(cls, error: GatewayError) -> "ErrorValue":
        """The error as a value."""
        return cls(message=error.message, status=error.status, kind=error.kind, code=error.code, retry_after_s=error.retry_after_s)

    def error(self) -> GatewayError:
        """The value as an error, of its own class where callers tell classes apart."""
        error = _CLASSES.get(self.kind, GatewayError)(self.message, status=self.status, code=self.code, retry_after_s=self.retry_after_s)
        error.kind = self.kind
        return error
