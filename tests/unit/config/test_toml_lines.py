"""Lines of keys in a TOML document."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from headgate.config.toml_lines import key_lines

DOCUMENT = """\
# a comment = 1
title = "x # not a comment"

[server]
host = "a"
"quoted key" = 1
dotted.key = 2   # comment

[[providers]]
name = '''
[not a header]
'''
models = [
  "a", # [[endpoints]]
  "b",
]

[[providers]]
name = \"\"\"one "quoted" \\\"\"\" two\"\"\"
[providers.extra]
deep = { x = 1, y = { z = [
  { w = 2 } ] } }

[[endpoints]]
targets = [{ provider = "lab", model = "m" },
           { provider = "lab" }]
"""


def test_key_lines():
    """Headers, dotted and quoted keys, strings of every kind, arrays and inline tables are followed."""
    tomllib.loads(DOCUMENT)
    lines = key_lines(DOCUMENT)
    expected = {
        ("title",): 2, ("server",): 4, ("server", "host"): 5, ("server", "quoted key"): 6, ("server", "dotted", "key"): 7,
        ("providers", 0): 9, ("providers", 0, "name"): 10, ("providers", 0, "models"): 13, ("providers", 0, "models", 0): 14,
        ("providers", 0, "models", 1): 15, ("providers", 1): 18, ("providers", 1, "name"): 19, ("providers", 1, "extra"): 20,
        ("providers", 1, "extra", "deep"): 21, ("providers", 1, "extra", "deep", "y", "z", 0, "w"): 22,
        ("endpoints", 0): 24, ("endpoints", 0, "targets"): 25, ("endpoints", 0, "targets", 0, "provider"): 25, ("endpoints", 0, "targets", 1): 26,
    }  # fmt: skip
    assert {path: lines.get(path) for path in expected} == expected


@given(st.text(alphabet="ab.=[]{}\"'#\n ,1\\"))
def test_any_text_ends(text):
    """Text that is no TOML at all gives some lines or none, and never an endless loop."""
    assert all(line >= 1 for line in key_lines(text).values())
