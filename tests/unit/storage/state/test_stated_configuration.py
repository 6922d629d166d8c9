"""Which configuration the gateway uses, for commands beside it."""

from headgate.storage.state.stated_configuration import StatedConfiguration, read_configuration, write_configuration


def test_what_is_stated_is_read(tmp_path):
    """As it was stated last; nothing before that."""
    assert read_configuration(str(tmp_path)) == StatedConfiguration()
    for stated in (StatedConfiguration("/etc/headgate.toml", providers=(("lab", "anthropic"),)), StatedConfiguration(demo=True)):
        write_configuration(str(tmp_path), stated)
        assert read_configuration(str(tmp_path)) == stated
