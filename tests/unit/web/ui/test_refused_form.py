"""A form that was refused keeps what was typed."""

import pytest

from headgate.core.errors import BadRequest, Unauthenticated
from headgate.web.ui.fields import Fields
from headgate.web.ui.refused_form import NEW_FORM, refused_form


def test_what_was_typed_is_kept_at_the_form_that_was_refused() -> None:
    """Another form of the same page is as it is when the page is opened."""
    form = refused_form("new", BadRequest("It is taken."), Fields.parse("name=ada&role=admin&role=viewer"))
    assert (form.of("new"), form.of("other")) == ("It is taken.", "")
    assert (form.value("new", "name"), form.value("other", "name", "ben"), form.value("new", "none")) == ("ada", "ben", "")
    assert (form.chosen("new", "role", "viewer"), form.chosen("new", "role", "x", otherwise=True)) == (True, False)
    assert (NEW_FORM.of("new"), NEW_FORM.value("new", "name", "ben"), NEW_FORM.chosen("new", "role", "x", otherwise=True)) == ("", "ben", True)


def test_a_session_that_is_refused_is_no_form() -> None:
    """It leads to the sign-in page."""
    with pytest.raises(Unauthenticated):
        refused_form("new", Unauthenticated("Sign in."), Fields.parse(""))
