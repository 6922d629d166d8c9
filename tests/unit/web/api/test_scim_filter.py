"""Filters of SCIM lists."""

import pytest

from headgate.core.errors import BadRequest
from headgate.web.api.scim_filter import name_asked, parsed, passing

ADA = {
    "userName": "Ada@Example.com",
    "active": True,
    "emails": [{"value": "ada@example.com"}],
    "groups": [{"display": "team"}, {"display": "all"}],
    "roles": [],
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True), ('userName eq "ada@example.com"', True), ('USERNAME EQ "ADA@EXAMPLE.COM"', True), ('userName eq "ada"', False),
        ('userName sw "ada@"', True), ('userName sw "example"', False), ('userName co "example"', True), ('userName ne "ben"', True),
        ('userName ne "ada@example.com"', False), ("active eq true", True), ('active eq "False"', False), ('emails.value eq "ada@example.com"', True),
        ('emails eq "ada@example.com"', True), ('groups.display eq "all"', True), ('groups.display ne "all"', False), ('roles.value eq "admin"', False),
        ('userName eq "x" or active eq true', True), ('userName sw "ada" and active eq false', False), ('nothing eq "x"', False),
        ('userName eq "x" and active eq true or userName co "ADA"', True), ('  userName   eq   "ada@example.com"  ', True),
    ],
)  # fmt: skip
def test_what_a_filter_lets_through(text, holds):
    """One attribute with one value, in any case of letters; of several values one is enough; `and` binds closer than `or`."""
    assert passing(parsed(text))(ADA) is holds


def test_escapes_in_a_value():
    """A quotation mark in a value is written with a backslash."""
    assert passing(parsed(r'displayName eq "the \"best\""'))({"displayName": 'the "best"'})


@pytest.mark.parametrize(
    "text",
    ["userName", "userName eq", "userName eq ada", 'userName gt "a"', 'userName eq "a" xor active eq true', 'userName eq "a" and', '(userName eq "a")',
     'userName eq "a', 'userName eq "a"' * 100, " or ".join(['a eq "b"'] * 200)],
)  # fmt: skip
def test_what_is_not_understood_is_refused(text):
    """Rather than all entries or none."""
    with pytest.raises(BadRequest, match="is not understood"):
        parsed(text)


def test_a_filter_for_one_name():
    """Is answered by a look-up: the value as it was written."""
    assert name_asked(parsed('username eq "Ada"'), "userName") == "Ada"
    for text in ("", 'userName sw "Ada"', 'displayName eq "Ada"', 'userName eq "Ada" and active eq true', 'userName eq "a" or userName eq "b"'):
        assert not name_asked(parsed(text), "userName")
