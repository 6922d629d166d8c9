"""The entry point of the serving process, which the supervisor starts: `python -m headgate.cli.serving OPTIONS`. Not a command for users.

In place of the options it may be given the descriptor of a channel that they come over once the program is loaded, as `app/early_process` has it.
"""

import gc
import sys


def main() -> int:
    """Load the program and run it. Returns its exit code."""
    gc.disable()  # while everything is loaded: it all stays. `prefer_event_loop` enables it
    from headgate.cli import serving_program  # ruff: ignore[import-outside-top-level] only now

    return serving_program.main(sys.argv[1])


if __name__ == "__main__":
    sys.exit(main())
