"""Where the build is that is tested: the source, or a wheel that is installed."""

from pathlib import Path

import headgate

TESTED = str(Path(headgate.__file__).resolve().parents[1])
