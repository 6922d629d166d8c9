"""An error as a value, to send a refusal from one of Headgate's processes to another, which raises it there."""

import msgspec

from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound, Unavailable

_CLASSES: dict[str, type[GatewayError]] = {made.kind: made for made in (BadRequest, Forbidden, NotFound, Unavailable)}


class ErrorValue(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The parts of a `GatewayError`."""

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
        """The value as an error, of its original class where callers distinguish classes."""
        error = _CLASSES.get(self.kind, GatewayError)(self.message, status=self.status, code=self.code, retry_after_s=self.retry_after_s)
        error.kind = self.kind
        return error
