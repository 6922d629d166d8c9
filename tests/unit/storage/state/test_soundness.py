"""Whether the control state is whole."""

import os

from headgate.config.paths import DataDirectory
from headgate.storage.state.soundness import unsoundness
from headgate.storage.state.store import open_state


def test_a_store(tmp_path):
    """A new one is sound, one with other content in the middle of it is not, and none cannot be opened."""
    data = DataDirectory(tmp_path)
    assert "unable to open" in unsoundness(data)
    open_state(data)[0].close()
    assert not unsoundness(data)
    with open(data.state_file, "r+b") as file:
        file.seek(4096)
        file.write(os.urandom(os.path.getsize(data.state_file) - 4096))
    assert unsoundness(data)
    data.state_file.write_text("notes", encoding="utf-8")
    assert unsoundness(data)
