"""Groups of the file: what they become, and every mistake with its line."""

import pytest

from headgate.config.load import load
from headgate.config.problems import ConfigError
from headgate.core.principal_name import PrincipalName

ALONE = "[discovery]\nenvironment = false\nollama = false\n"


@pytest.fixture
def groups(tmp_path):
    """Loads a file with these groups; they begin in line 4."""

    def loaded(text):
        file = tmp_path / "headgate.toml"
        file.write_text(ALONE + text, encoding="utf-8")
        return load(str(file), {"HOME": str(tmp_path)}, probe=lambda _address: None).groups

    return loaded


def test_users_and_groups_are_members(groups):
    """In the order in which they are written."""
    (contractors, everyone) = groups(
        '[[groups]]\nname = "contractors"\nmembers = ["ada@example.com", "user:ben"]\n[[groups]]\nname = "all of us"\nmembers = ["contractors"]\n'
    )

    assert (contractors.name, contractors.members) == ("contractors", (PrincipalName("ada@example.com"), PrincipalName("ben", "USER")))
    assert (everyone.name, everyone.members) == ("all of us", (PrincipalName("contractors"),))
    assert groups('[[groups]]\nname = "empty"\n')[0].members == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[groups]]\nmembers = []\n", ":4: groups[0].name: a group needs a name"),
        ('[[groups]]\nname = "admins"\n', ":5: groups[0].name: the name 'admins' is reserved"),
        ('[[groups]]\nname = "Account  Users"\n', ":5: groups[0].name: the name 'Account  Users' is reserved"),
        ('[[groups]]\nname = "user:ada"\n', ":5: groups[0].name: 'user:ada' would be read as 'ada' with its kind"),
        ('[[groups]]\nname = " team"\n', ":5: groups[0].name: ' team' is no name: 1 to 128 printable characters"),
        ('[[groups]]\nname = "team"\n[[groups]]\nname = "team"\n', ":7: groups[1].name: 'team' is already the name of groups[0]"),
        ('[[groups]]\nname = "team"\nmembers = ["ada", ""]\n', ":6: groups[0].members[1]: '' is no name"),
        ('[[groups]]\nname = "team"\nmembers = ["user:"]\n', ":6: groups[0].members[0]: 'user:' is no name"),
        (
            '[[groups]]\nname = "team"\nmembers = ["account users"]\n',
            ":6: groups[0].members[0]: 'account users' is a built-in group or Headgate itself",
        ),
        ('[[groups]]\nname = "team"\nmembers = ["team"]\n', ":6: groups[0].members: the group 'team' contains itself"),
        (
            '[[groups]]\nname = "a"\nmembers = ["b"]\n[[groups]]\nname = "b"\nmembers = ["c"]\n[[groups]]\nname = "c"\nmembers = ["a"]\n',
            ":6: groups[0].members: the group 'a' contains itself: 'a' contains 'b' contains 'c' contains 'a'",
        ),
        ('[[groups]]\nname = "a"\nmember = ["b"]\n', ":6: groups[0].member: unknown key — did you mean 'members'?"),
    ],
)
def test_a_mistake_is_named_with_its_line(groups, text, problem):
    """What is wrong, where."""
    with pytest.raises(ConfigError) as caught:
        groups(text)
    assert problem in str(caught.value)


def test_all_mistakes_at_once(groups):
    """A circle does not hide the rest."""
    with pytest.raises(ConfigError) as caught:
        groups('[[groups]]\nname = "a"\nmembers = ["a", " "]\n[[groups]]\nname = "users"\n')
    assert len(caught.value.problems) == 3
