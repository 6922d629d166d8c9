"""Static files: their addresses change with their content, and nothing else of the package is given out."""

import gzip

import pytest

from headgate.core.errors import NotFound
from headgate.web.ui.assets import asset, asset_path


def test_an_address_names_the_content() -> None:
    """Under its address a file may be kept for ever; under another version's it is asked for again."""
    _, kind, version, name = asset_path("app.css").split("/")
    assert (kind, name) == ("static", "app.css")
    for asked, control in ((version, b"public, max-age=31536000, immutable"), ("0" * 16, b"no-cache")):
        answer = asset(asked, name, compressed=False)
        headers = dict(answer.headers)
        assert b"color-scheme: light dark" in answer.body
        assert headers[b"cache-control"] == control
        assert headers[b"content-type"] == b"text/css; charset=utf-8"
        assert headers[b"x-content-type-options"] == b"nosniff"


def test_a_large_file_is_compressed() -> None:
    """For a browser that takes that, and the content is the same."""
    version, name = asset_path("app.css").split("/")[2:]
    packed = asset(version, name, compressed=True)
    assert dict(packed.headers)[b"content-encoding"] == b"gzip"
    assert gzip.decompress(packed.body) == asset(version, name, compressed=False).body


@pytest.mark.parametrize("name", ["nothing.css", "../pages.py", "", "frame.html"])
def test_other_files_are_not_given_out(name: str) -> None:
    """Only what the folder of static files has."""
    with pytest.raises(NotFound):
        asset("x", name, compressed=False)
    with pytest.raises(KeyError):
        asset_path(name)
