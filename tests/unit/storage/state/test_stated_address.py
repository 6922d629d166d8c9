"""Where commands find the gateway of a store."""

from headgate.storage.state.stated_address import StatedAddress, read_address, write_address


def test_it_is_what_was_written(tmp_path):
    """Nothing at first, and the last start counts."""
    assert read_address(str(tmp_path)) == StatedAddress()
    for url in ("http://127.0.0.1:8484", "http://[::1]:9000"):
        write_address(str(tmp_path), StatedAddress(url, 512, 1_024))
        assert read_address(str(tmp_path)) == StatedAddress(url, 512, 1_024)
