"""The commands that the documentation has people type, page by page. The examples of docs/commands.md take a process of their own: test_command_examples.py."""

import pytest

from tests.e2e.documented import PAGES
from tests.e2e.machine import commands, type_commands


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page) and page != "docs/commands.md"])
def test_commands(tmp_path, page):
    """Each command of a page succeeds, in the order of the page."""
    type_commands(page, tmp_path)
