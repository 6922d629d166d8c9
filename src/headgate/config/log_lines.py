"""How a line of the log looks, the same in every process: text for people, or JSON for machines. Lines go to standard error."""

import datetime as dt
import json
import logging
import sys

from headgate.config.schema import Log
from headgate.core.log_lines import LogLines

_TEXT = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"
_TIME = "%Y-%m-%d %H:%M:%S"


def start_logging(settings: Log) -> None:
    """Write the log of this process to standard error from now on."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines() if settings.format == "json" else LogLines(_TEXT, _TIME))
    logging.basicConfig(level=settings.level.upper(), handlers=[lines], force=True)


class JsonLines(logging.Formatter):
    """One JSON object for each record: `time` (UTC), `level`, `logger`, `pid`, `message`, and `traceback` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": at, "level": record.levelname, "logger": record.name, "pid": record.process, "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)
