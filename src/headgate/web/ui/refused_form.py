"""A form that was refused: the page is shown again with the reason at the form, and with what was typed in it."""

import msgspec

from headgate.core.errors import GatewayError, Unauthenticated
from headgate.web.ui.fields import NO_FIELDS, Fields


class FormState(msgspec.Struct, frozen=True):
    """What a template needs to show a form: its name, the reason of a refusal, and what was typed. A page that is opened anew has none of them."""

    name: str = ""
    problem: str = ""
    typed: Fields = NO_FIELDS

    def of(self, name: str) -> str:
        """The reason for which the form of this name was refused; empty for every other form."""
        return self.problem if name == self.name else ""

    def value(self, name: str, field: str, otherwise: str = "") -> str:
        """What a field shows: what was typed, if this form was refused."""
        return self.typed.get(field, "") if name == self.name else otherwise

    def chosen(self, name: str, field: str, value: str, *, otherwise: bool = False) -> bool:
        """Whether a box is ticked."""
        return value in self.typed.all(field) if name == self.name else otherwise


NEW_FORM = FormState()


def refused_form(name: str, error: GatewayError, typed: Fields) -> FormState:
    """The state of a form that an error refused. Raises the error again where the session itself is refused."""
    if isinstance(error, Unauthenticated):
        raise error
    return FormState(name, error.message, typed)
