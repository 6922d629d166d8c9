"""Parts of URLs: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated

_URL = "http://user:pw@example.com:8080/a/b?x=1&y=2#f"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("PROTOCOL", "http"),
        ("AUTHORITY", "user:pw@example.com:8080"),
        ("USERINFO", "user:pw"),
        ("HOST", "example.com"),
        ("PATH", "/a/b"),
        ("FILE", "/a/b?x=1&y=2"),
        ("QUERY", "x=1&y=2"),
        ("REF", "f"),
        ("host", None),
        ("QUERY', 'y", "2"),
        ("QUERY', 'z", None),
    ],
)
def test_each_part_is_found_by_its_name(part, value):
    """In capitals."""
    assert evaluated(f"parse_url('{_URL}', '{part}')") == value


@pytest.mark.parametrize(
    ("url", "part", "value"),
    [
        ("https://1.2.3.4:9/x", "HOST", "1.2.3.4"),
        ("https://1.2.3.999/x", "HOST", None),
        ("http://a_b.com/x", "HOST", None),
        ("http://[::1]:80/x", "HOST", "[::1]"),
        ("http://example.com", "PATH", ""),
        ("http://example.com", "QUERY", None),
        ("http://a.com/x#", "REF", ""),
        ("http://@a.com/x", "USERINFO", ""),
        ("mailto:x@y.z", "PATH", None),
        ("a/b?x=1", "PATH", "a/b"),
        ("http://x/?a[b]=1", "QUERY", "a[b]=1"),
        ("http://x/a[b]", "PATH", "[INVALID_URL]"),
        ("http://x/%zz", "PATH", "[INVALID_URL]"),
        ("http://", "HOST", "[INVALID_URL]"),
        ("1a://x/", "HOST", "[INVALID_URL]"),
    ],
)
def test_what_is_no_url_is_an_error(url, part, value):
    """And another one is read as Java reads it."""
    assert evaluated(f"parse_url('{url}', '{part}')") == value


def test_no_url_is_null_where_it_is_tried():
    """Instead of the error."""
    assert evaluated("try_parse_url('http://exa mple.com', 'HOST')") is None
    assert evaluated("try_parse_url('http://example.com', 'HOST')") == "example.com"
