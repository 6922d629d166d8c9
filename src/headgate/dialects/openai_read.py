"""The errors that servers of OpenAI's formats report, in whichever of their shapes."""

from headgate.core.event import Failed
from headgate.dialects.lenient import text, word


def failed(error: object, error_code: object = None, message: object = None) -> Failed | None:
    """The failure that a body tells of: OpenAI's `error` object, an `error` that is a text, or Databricks' `error_code` and `message`."""
    if isinstance(error, dict):
        return Failed(word(error.get("code")) or word(error.get("type")), text(error.get("message")))
    if isinstance(error, str) and error:
        return Failed(word(error_code), error)
    if error_code is not None:
        return Failed(word(error_code), text(message))
    return None
