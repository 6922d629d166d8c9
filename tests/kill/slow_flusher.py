"""The flusher on a slow disk: each sync begins late, so a power cut often falls between a commit and its sync. With `never` there is no sync at all."""

import random
import sys
import time

from headgate.storage.delta import delta_table
from headgate.storage.flusher import process

_real = delta_table.sync_filesystem


def _late(path: str) -> None:
    time.sleep(random.uniform(0.1, 1.0))
    _real(path)


def _never(_path: str) -> None:
    pass


if __name__ == "__main__":
    delta_table.sync_filesystem = {"late": _late, "never": _never}[sys.argv[1]]
    process.main(sys.argv[2:])
