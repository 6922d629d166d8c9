"""Fixtures of the end-to-end tests: the scripted provider, a gateway before it, a desk for an agent."""

from types import SimpleNamespace

import pytest

from tests.e2e.books import check_books
from tests.e2e.headless import Desk
from tests.e2e.lab import lab_provider, running
from tests.e2e.scraped import READABLE


@pytest.fixture
def provider():
    """A scripted provider; what arrives there and is not as it has to be fails the test."""
    with lab_provider() as scripted:
        yield scripted
        scripted.check()


@pytest.fixture
def gateway(tmp_path, provider):
    """A gateway with the configuration of the lab."""
    with running(tmp_path / "gateway", provider) as started:
        yield started


@pytest.fixture
def impatient_gateway(tmp_path, provider):
    """A gateway that speaks up after half a second of silence and gives a provider four seconds."""
    streams = "[streams]\nkeep_alive_s = 0.5\nearly_headers_s = 1\nfirst_byte_timeout_s = 4\nidle_timeout_s = 4\n"
    with running(tmp_path / "gateway", provider, streams) as started:
        yield started


@pytest.fixture
def desk(tmp_path):
    """A home and a work folder for an agent."""
    return Desk(tmp_path / "desk")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """One provider and one impatient gateway for all tests of a module; at the end their books are held against each other."""
    streams = "[streams]\nkeep_alive_s = 0.4\nearly_headers_s = 0.8\nfirst_byte_timeout_s = 3\nidle_timeout_s = 3\n"
    with lab_provider() as provider, running(tmp_path_factory.mktemp("lab"), provider, f"{streams}{READABLE}users = true\n") as gateway:
        yield SimpleNamespace(provider=provider, gateway=gateway, url=gateway.url, token=gateway.token)
        provider.check()
        check_books(gateway.rows(len(provider.ledger.entries)), provider.ledger.entries)


@pytest.fixture
def play(lab):
    """Says what the lab's provider answers next, and fails if the test asked for less than it scripted."""
    scripts = []

    def start(*turns):
        scripts.append(lab.provider.play(*turns))
        return lab.provider.ledger

    yield start
    lab.provider.check()
    assert not [script for script in scripts if script.left], "the script was not played to its end"
