"""Who is in which groups, directly and through groups in groups."""

import pytest

from headgate.core.group import Group, Memberships, circles
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal
from headgate.core.principal_name import principal_name


def groups(**members: str) -> list[Group]:
    """Groups with their members, as in the file."""
    return [Group(name, tuple(map(principal_name, written.split()))) for name, written in members.items()]


def who(name: str, kind: str = USER) -> Principal:
    return Principal(id=f"id-{name}", name=name, kind=kind)


NESTED = groups(all="team bob", team="contractors ada", contractors="eve", empty="")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eve", {"contractors", "team", "all"}),
        ("ada", {"team", "all"}),
        ("bob", {"all"}),
        ("stranger", set()),
        ("team", set()),
        ("contractors", set()),
    ],
)
def test_members_of_a_nested_group_are_in_all_around_it(name, expected):
    """From the inside out. A name that is a group's means the group: no user of this name gets in."""
    assert Memberships(NESTED).of(who(name)) == expected


def test_groups_have_names():
    """Of all that are declared."""
    assert Memberships(NESTED).names == {"all", "team", "contractors", "empty"}
    assert Memberships().of(who("ada")) == frozenset()


def test_kinds_say_which_is_meant():
    """A user with a group's name can be a member; a service principal is named by its name or its id."""
    made = Memberships(
        groups(
            both="user:team plain",
            robots="service_principal:plain service_principal:id-ci",
            by_id="id-ci",
            team="ada",
            outer="group:later",
            later="x",
        )
    )
    assert made.of(who("team")) == {"both"}
    assert made.of(who("plain")) == {"both"}
    assert made.of(who("plain", SERVICE_PRINCIPAL)) == {"both", "robots"}
    assert made.of(who("ci", SERVICE_PRINCIPAL)) == {"robots", "by_id"}
    assert made.of(who("ci")) == frozenset()
    assert made.of(who("x")) == {"later", "outer"}


def test_a_circle_ends():
    """Two sources can make one together: its groups contain each other."""
    made = Memberships(groups(a="b ada", b="c", c="a eve", outer="c"))
    assert made.of(who("ada")) == made.of(who("eve")) == {"a", "b", "c", "outer"}


def test_members_of_the_same_groups_share_one_set():
    """Thousands of principals cost the memory of their groups' combinations."""
    made = Memberships(groups(team="ada bob", all="team"))
    assert made.of(who("ada")) is made.of(who("bob"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"a": "b", "b": "c", "c": "ada"}, []),
        ({"a": "a"}, [("a", "a")]),
        ({"a": "b", "b": "c", "c": "a"}, [("a", "b", "c", "a")]),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, [("a", "b", "a"), ("c", "d", "c")]),
        ({"outer": "a", "a": "b", "b": "a"}, [("a", "b", "a")]),
        ({"a": "b c", "b": "x", "c": "a"}, [("a", "c", "a")]),
        ({"a": "user:a"}, []),
        ({"a": "group:unknown"}, []),
    ],
)
def test_circles_are_found_with_their_path(written, expected):
    """The shortest way back, each group in at most one."""
    assert list(circles(groups(**written))) == expected


def test_a_deep_nest_needs_no_stack():
    """2,000 groups in each other."""
    nest = [Group(f"g{number}", (principal_name(f"g{number + 1}"),)) for number in range(1_999)] + [Group("g1999", (principal_name("ada"),))]
    assert not list(circles(nest[-300:]))
    assert len(Memberships(nest).of(who("ada"))) == 2_000


def test_members_of_a_group():
    """Through groups in it, in order; of no group, none."""
    found = Memberships(NESTED)
    assert [found.members_of(name) for name in ("all", "team", "contractors", "empty", "none")] == [
        ("ada", "bob", "eve"),
        ("ada", "eve"),
        ("eve",),
        (),
        (),
    ]


def test_what_is_around_a_group():
    """The groups that it is in, and itself; of a name that is no group, itself alone."""
    made = Memberships(NESTED)
    assert [made.around(name) for name in ("contractors", "all", "none")] == [{"contractors", "team", "all"}, {"all"}, {"none"}]
