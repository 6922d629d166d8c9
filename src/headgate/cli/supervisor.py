"""The entry point of a supervisor that goes on in place of an older one: `python -m headgate.cli.supervisor DESCRIPTOR`. Not a command for users."""

import sys

from headgate.app.next_supervisor import resume_from
from headgate.app.supervise import Supervisor
from headgate.cli.output import accept_any_text
from headgate.config.log_format import start_logging


def main() -> int:
    """Supervise to the end. Returns the exit code."""
    accept_any_text()
    saved = resume_from(int(sys.argv[1]))
    start_logging(saved.gateway.log)
    return Supervisor.resumed(saved).run_on()


if __name__ == "__main__":
    sys.exit(main())
