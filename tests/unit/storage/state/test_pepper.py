"""The pepper file."""

import stat
import threading

import pytest

from headgate.storage.state.pepper import PepperRefused, load_pepper


def test_made_on_first_use(tmp_path):
    """The file is made private, and read the same ever after."""
    path = tmp_path / "data" / "pepper"
    pepper = load_pepper(path)
    assert len(pepper) == 32
    assert load_pepper(path) == pepper
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["pepper"]


def test_two_at_once(tmp_path):
    """Of several that make it at once, one wins for all."""
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(load_pepper(tmp_path / "pepper"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o660])
def test_open_to_others(tmp_path, mode):
    """A file that others can read or write is refused, with the command that mends it."""
    load_pepper(tmp_path / "pepper")
    (tmp_path / "pepper").chmod(mode)
    with pytest.raises(PepperRefused, match="chmod 600"):
        load_pepper(tmp_path / "pepper")


@pytest.mark.parametrize("content", [b"", b"\n", b"canary", b"00" * 31, b"00" * 33, b"\xff" * 64, b"zz" * 32])
def test_other_content(tmp_path, content):
    """An empty, short or foreign file is never taken for a key, and not repeated."""
    (tmp_path / "pepper").write_bytes(content)
    (tmp_path / "pepper").chmod(0o600)
    with pytest.raises(PepperRefused, match="does not hold 32 bytes in hex") as caught:
        load_pepper(tmp_path / "pepper")
    assert "canary" not in str(caught.value).replace(str(tmp_path), "")


def test_unusable_places(tmp_path):
    """A place that cannot be written or read is said so."""
    (tmp_path / "file").touch()
    with pytest.raises(PepperRefused, match="cannot be written"):
        load_pepper(tmp_path / "file" / "pepper")
    (tmp_path / "pepper").mkdir()
    with pytest.raises(PepperRefused, match="cannot be read"):
        load_pepper(tmp_path / "pepper")
