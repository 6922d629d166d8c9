"""Checks the names of principals, wherever a person or a program makes one: on creation, with a token, over SCIM."""

from headgate.core.errors import BadRequest
from headgate.core.principal import is_reserved
from headgate.core.principal_name import principal_name

_NAME_MAX = 128
_TEXT_MAX = 256


def checked_name(name: str, what: str) -> str:
    """The name of a principal. Raises BadRequest if it cannot be one."""
    if not name.strip() or name != name.strip() or len(name) > _NAME_MAX or not name.isprintable():
        raise BadRequest(
            f"A {what}'s name is 1 to {_NAME_MAX} printable characters without spaces around them; {name[: _NAME_MAX + 1]!r} is not.",
            code="INVALID_PARAMETER_VALUE",
        )
    if is_reserved(name):
        raise BadRequest(f"The name {name!r} is reserved: it is a group's or Headgate's own.", code="INVALID_PARAMETER_VALUE")
    if principal_name(name).kind:
        raise BadRequest(f"{name!r} would be read as {name.partition(':')[2]!r} with its kind: choose another name.", code="INVALID_PARAMETER_VALUE")
    return name


def checked_text(text: str, what: str) -> str:
    """A text beside the name. Raises BadRequest if it is too long or cannot be printed."""
    if len(text) > _TEXT_MAX or not (text.isprintable() or not text):
        raise BadRequest(f"A {what} has at most {_TEXT_MAX} printable characters.", code="INVALID_PARAMETER_VALUE")
    return text
