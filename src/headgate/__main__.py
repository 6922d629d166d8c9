"""`python -m headgate` and the `headgate` command."""

import sys

from headgate.cli.often import answer_often


def main() -> int:
    """Run the command line. Returns the exit code, unless the library of the command line has ended the process itself."""
    code = answer_often(sys.argv[1:])
    if code is not None:
        return code
    from headgate.cli import main as command_line  # ruff: ignore[import-outside-top-level] takes longer to load than what is answered above

    return command_line.main()


if __name__ == "__main__":
    sys.exit(main())
