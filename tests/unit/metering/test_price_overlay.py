"""Our own additions to the price list."""

import datetime as dt
import subprocess
import sys

import pytest

from headgate.core.clock import midnight_ns
from headgate.metering.price_overlay import parse
from headgate.storage.rows.rates import read_overlay

HEAD = '[[prices]]\nlist = "lab"\nmodel = "m-*"\nsource = "https://lab.example/prices"\nseen = 2026-11-30\n'


def test_an_entry_is_found_by_list_model_word_and_day():
    """Of several the last that has begun."""
    overlay = parse(f'{HEAD}tier = "flex"\nfactor = 0.5\n{HEAD}tier = "flex"\nfactor = 0.4\nfrom = 2026-12-01\n')
    before, after = midnight_ns(dt.date(2026, 11, 30)), midnight_ns(dt.date(2026, 12, 1))

    assert [overlay.tier("lab", "m-1", "flex", at).factor for at in (before, after)] == [0.5, 0.4]
    assert overlay.tier("lab", "n-1", "flex", after) is None
    assert overlay.tier("other", "m-1", "flex", after) is None
    assert overlay.tier("lab", "m-1", "fast", after) is None
    assert overlay.use("lab", "m-1", "flex", after) is None
    assert overlay.use("lab", "m-1", "", after) is None


def test_a_tool_is_found():
    """With what a thousand uses cost, and whether several are one."""
    found = parse(f'{HEAD}use = "web_search"\nkcount = 35\nonce = true\n').use("lab", "m-1", "web_search", 0)

    assert (found.kcount, found.once) == (35.0, True)


@pytest.mark.parametrize(
    "entry",
    [
        'tier = "flex"\n',
        "factor = 0.5\n",
        'tier = "flex"\nfactor = 0.5\nuse = "a"\nkcount = 1\n',
        "",
        'tier = "flex"\nfactor = -1.0\n',
        "x = 1\n",
        "nonsense",
    ],
)
def test_a_broken_file_is_refused(entry):
    """Nothing of it is used."""
    with pytest.raises(ValueError, match="the price overlay"):
        parse(HEAD + entry)


def test_every_installed_entry_names_its_source():
    """A page of the provider's own documentation, and a day on which it was read."""
    entries = read_overlay().entries

    assert entries
    assert all(entry.source.startswith("https://") and entry.seen >= dt.date(2026, 11, 30) for entry in entries)


THREADS = """
import sys, threading
sys.setswitchinterval(1e-6)
from headgate.storage.rows.rates import read_overlay
from headgate.storage.settling.standing import read_settled
together = threading.Barrier(8)
def read():
    together.wait()
    read_overlay()
    read_settled("/nowhere")
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_the_first_readers_may_come_at_once():
    """A gateway that starts under load has three. msgspec would end the process where two of them build what it knows of the type."""
    for _ in range(6):
        assert subprocess.run([sys.executable, "-c", THREADS], check=False).returncode == 0
