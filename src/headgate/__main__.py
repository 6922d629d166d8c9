"""`python -m headgate` and the `headgate` command."""

import contextlib
import importlib
import os
import sys

from headgate.cli.often import answer_often

_HELP = {"--help", "-h"}


def main() -> int:
    """Run the command line. Returns the exit code, unless the library of the command line has ended the process itself."""
    code = answer_often(sys.argv[1:])
    if code is not None:
        return code
    with _beginning(sys.argv[1:]):
        from headgate.cli import main as command_line  # ruff: ignore[import-outside-top-level] takes longer to load than what is answered above

        return command_line.main()


def _beginning(arguments: list[str]) -> contextlib.AbstractContextManager[None]:
    """What a command begins with before it is loaded: `up` with its serving process, which takes longest to load."""
    if arguments[:1] != ["up"] or _HELP.intersection(arguments):
        return contextlib.nullcontext()
    begun: contextlib.AbstractContextManager[None] = importlib.import_module("headgate.app.early_process").started_early(os.environ)
    return begun


if __name__ == "__main__":
    sys.exit(main())
