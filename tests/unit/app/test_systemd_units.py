"""The units of a gateway under systemd, as systemd itself reads them."""

import re
import shutil
import subprocess

import msgspec
import pytest

from headgate.app.systemd_units import SYSTEM_DATA, ServiceWishes, service_unit, socket_unit

WISHES = ServiceWishes(system=True, command=("/bin/true",), data=SYSTEM_DATA, keys="/etc/headgate/keys.env", user="root", listen="[::1]:9000")
EXPOSURE_MAX = 3.0


@pytest.fixture
def units(tmp_path):
    """The files of a service of the machine."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    (tmp_path / "headgate.service").write_text(service_unit(WISHES), encoding="utf-8")
    (tmp_path / "headgate.socket").write_text(socket_unit(WISHES), encoding="utf-8")
    return tmp_path


def analyze(*words):
    """What `systemd-analyze` says."""
    done = subprocess.run(["systemd-analyze", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60)
    return done.stdout


def test_the_service_is_a_sandbox(units):
    """Its exposure is rated low."""
    told = analyze("security", "--offline=true", str(units / "headgate.service"))
    found = re.search(r"exposure level for headgate.service: ([0-9.]+)", told)

    assert found is not None, told
    assert float(found[1]) <= EXPOSURE_MAX


def test_systemd_finds_nothing_wrong(units):
    """Every setting is known to it, and the service belongs to the socket."""
    told = analyze("verify", str(units / "headgate.service"), str(units / "headgate.socket"))

    assert not [line for line in told.splitlines() if "headgate" in line]


def test_a_reload_is_a_restart_with_the_environment_of_the_unit():
    """Systemd reads the file of keys anew for each command."""
    text = service_unit(msgspec.structs.replace(WISHES, command=("/opt/my gate/headgate",)))

    assert 'ExecReload="/opt/my gate/headgate" restart --environment\n' in text
    assert "EnvironmentFile=-/etc/headgate/keys.env\n" in text
