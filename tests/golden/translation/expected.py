"""Files with what is expected. With `UPDATE=1` in the environment they are written as it is found, to be read before they are committed."""

import os
from pathlib import Path

from tests.golden.translation.cases import HERE

UPDATING = os.environ.get("UPDATE") == "1"


def expectation(folder: str, case: str, label: str, suffix: str) -> Path:
    """The file for a case `<source>/<name>` and the model or client that it is said to: `<name>.<source>-<label><suffix>`."""
    source, _, name = case.partition("/")
    return HERE / "expected" / folder / f"{name}.{source}-{label}{suffix}"


def compare(path: Path, found: bytes | None) -> None:
    """Asserts that a file holds what was found, and that there is none where nothing is to be kept (`None`)."""
    if UPDATING:
        if found is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found)
    assert (path.read_bytes() if path.exists() else None) == found, (
        f"if it is right now: UPDATE=1 pytest tests/golden/translation, and read {path.name}"
    )
