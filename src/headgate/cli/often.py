"""The commands that agents run again and again: `token get` and `statusline`, typed without an option. They are answered without the library of the
command line, which takes longer to load than they take to run.
"""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from headgate.cli.failure_report import reports_bugs
from headgate.cli.output import accept_any_text
from headgate.config.problems import ConfigError
from headgate.core.errors import GatewayError
from headgate.core.escaping import escaped

# The module of each, and the function in it that does what the command does without options.
OFTEN: Final[Mapping[tuple[str, ...], tuple[str, str]]] = {
    ("token", "get"): ("headgate.cli.token_get", "print_token"),
    ("statusline",): ("headgate.cli.statusline_answer", "print_line"),
}
_INTERRUPTED: Final = 130


def answer_often(arguments: Sequence[str]) -> int | None:
    """Run one of these commands and return its exit code; `None` for any other command line."""
    found = OFTEN.get(tuple(arguments))
    if found is None:
        return None
    accept_any_text()
    return reports_bugs(lambda: _run(*found))


def _run(module: str, name: str) -> int:
    try:
        act = cast("Callable[[], None]", getattr(importlib.import_module(module), name))
        act()
    except (ConfigError, GatewayError) as error:
        sys.stderr.write(f"{escaped(str(error))}\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0
