"""Drawn examples are not timed, in any test: a busy machine is no failure. And the tests of a build run on that build."""

import os

import pytest
from hypothesis import HealthCheck, settings

from headgate.core import build_kind
from tests.fakes.examples import count

settings.register_profile("unhurried", max_examples=count(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_report_header() -> str:
    """Which build is tested, and where it is."""
    return f"headgate: {build_kind.build_kind()}, {build_kind.__file__}"


def pytest_configure() -> None:
    """`HEADGATE_TESTED` names the build that is to be tested: another one would pass for it."""
    wanted = os.environ.get("HEADGATE_TESTED", build_kind.build_kind())
    if wanted != build_kind.build_kind():
        raise pytest.UsageError(f"the {wanted} build is to be tested, and {build_kind.__file__} is {build_kind.build_kind()}")
