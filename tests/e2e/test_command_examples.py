"""The examples of every command. They are many, and one follows from the other, so they are a module, which is a process, of their own."""

from tests.e2e.machine import type_commands


def test_the_examples_of_every_command(tmp_path):
    """Each succeeds, in the order of the page."""
    type_commands("docs/commands.md", tmp_path)
