"""The serving process from its options to its exit code. `cli/serving` is its entry point.

It logs to standard error, prints a line for each exchange, and explains why it cannot start.
"""

import logging
import os
import sys

import msgspec

from headgate.app.early_process import handed_over
from headgate.app.options import LateOptions, ServingOptions
from headgate.app.serving import run
from headgate.cli.exchange_lines import ExchangeLines
from headgate.cli.failure_report import failure_line
from headgate.cli.output import accept_any_text
from headgate.config.log_format import start_logging
from headgate.config.problems import ConfigError
from headgate.core.errors import GatewayError
from headgate.core.escaping import escaped
from headgate.storage.journal.writer import JournalBusy
from headgate.storage.state.pepper import PepperRefused

_log = logging.getLogger("headgate.app")


def main(given: str) -> int:
    """Serve until a signal ends it, with the options that are given, or that come over the channel of this number. Returns the exit code: 1 if the
    configuration or the store cannot be used, or after a bug.
    """
    accept_any_text()
    options = _handed_over(int(given)) if given.isdecimal() else msgspec.json.decode(given, type=ServingOptions)
    if options is None:
        return 0
    start_logging(options.log, aside=True)
    try:
        return run(options, ExchangeLines(sys.stdout, options.up.data_dir, as_json=options.log.format == "json"))
    except (ConfigError, PepperRefused, JournalBusy, GatewayError) as error:
        sys.stderr.write(f"headgate: {escaped(str(error))}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(escaped(f"headgate: {error.filename or 'a file'} cannot be used: {error.strerror}\n"))
        return 1
    except Exception as error:  # ruff: ignore[blind-except] the end of the process: reported as people or programs read it; the supervisor starts another one
        if options.up.terminal:
            sys.stderr.write(failure_line(error, os.environ))
        else:
            _log.exception("the serving process failed, by a mistake of Headgate's")
        return 1


def _handed_over(descriptor: int) -> ServingOptions | None:
    """The options that come over a channel, with the files that they name; and the process' environment and rights as those of any child. `None` without."""
    found = handed_over(descriptor)
    if found is None:
        return None
    late = msgspec.msgpack.decode(found[0], type=LateOptions)
    os.umask(late.umask)
    os.environb.clear()
    os.environb.update(late.environ)
    listen_fd, link_fd, successor_fd = found[1]
    return msgspec.structs.replace(late.serving, listen_fd=listen_fd, link_fd=link_fd, successor_fd=successor_fd)
