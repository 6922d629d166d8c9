"""The commands that the documentation has people type, page by page. The examples of docs/commands.md take a process of their own: test_command_examples.py."""

import pytest

from tests.e2e.documented import PAGES
from tests.e2e.machine import commands, machine, type_commands, type_page

# These take a machine of their own: they make what others make too, or remove or deactivate it, or sign in.
APART = ("docs/principals.md", "docs/retention.md", "docs/rollout.md", "docs/team.md")
TOGETHER = [page for page in PAGES if commands(page) and page not in {*APART, "docs/commands.md"}]


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """One machine for most pages."""
    with machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.mark.parametrize("page", TOGETHER)
def test_commands(ready, page):
    """Each command of a page succeeds, in the order of the page, after those of other pages."""
    type_page(ready, page)


@pytest.mark.parametrize("page", [*APART, *(pytest.param(page, marks=pytest.mark.slow) for page in TOGETHER)])
def test_commands_of_one_page_alone(tmp_path, page):
    """Nor does a page need what another one made."""
    type_commands(page, tmp_path)
