"""The files of a service, and the commands around them."""

import configparser
import plistlib

import msgspec
import pytest

from headgate.app.service_plan import LABEL, launchd_plan, systemd_plan
from headgate.app.systemd_units import MARK, SYSTEM_DATA, ServiceWishes
from tests.e2e.documented import block

SYSTEM = ServiceWishes(
    system=True,
    command=("/opt/headgate/bin/headgate",),
    data=SYSTEM_DATA,
    config="/etc/headgate/headgate.toml",
    keys="/etc/headgate/keys.env",
    user="headgate",
    home="/root",
)
MINE = ServiceWishes(system=False, command=("/home/ada/bin/headgate",), data="/home/ada/data", keys="/home/ada/keys.env", home="/home/ada", uid=1000)


def unit(wishes):
    """The unit's sections."""
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str
    read.read_string(systemd_plan(wishes).text)
    return read


def test_the_service_of_a_machine_is_the_documented_one():
    """Line by line, below the line that says who wrote it."""
    plan = systemd_plan(SYSTEM)
    first, _, rest = plan.text.partition("\n")

    assert first == f"# {MARK}"
    assert rest == block("systemd", "docs/operations.md").text
    assert plan.file == "/etc/systemd/system/headgate.service"
    ((socket_file, socket_text),) = plan.others
    assert plan.start[1] == ("systemctl", "enable", "headgate.socket", "headgate")
    assert (socket_file, socket_text.partition("\n")[2]) == (
        "/etc/systemd/system/headgate.socket",
        block("systemd-socket", "docs/operations.md").text,
    )
    assert plan.log == "journalctl -u headgate -f"


def test_the_service_of_a_user():
    """It runs as the user who installs it, in its own manager, and needs nothing of the machine."""
    plan, read = systemd_plan(MINE), unit(MINE)

    assert plan.file == "/home/ada/.config/systemd/user/headgate.service"
    assert "User" not in read["Service"]
    assert "StateDirectory" not in read["Service"]
    assert read["Service"]["Environment"] == "HEADGATE_DATA=/home/ada/data"
    assert read["Install"]["WantedBy"] == "default.target"
    assert all("--user" in command for command in (*plan.start, *plan.stop, *plan.after_removal, plan.status))
    assert "enable-linger" in plan.notes[0]


def test_another_data_directory_may_be_written_to():
    """And a home is visible where the service needs one."""
    there = unit(msgspec.structs.replace(SYSTEM, data="/srv/headgate"))["Service"]
    home = unit(msgspec.structs.replace(SYSTEM, data="/home/ada/data"))["Service"]

    assert there["ReadWritePaths"] == "/srv/headgate"
    assert there["ProtectHome"] == "true"
    assert "ProtectHome" not in home


@pytest.mark.parametrize(("path", "written"), [("/a b", '"HEADGATE_DATA=/a b"'), ("/100%", '"HEADGATE_DATA=/100%%"'), ("/$x", "HEADGATE_DATA=/$x")])
def test_a_path_is_one_word_whatever_is_in_it(path, written):
    """Spaces and specifiers of systemd; in a command its variables too."""
    assert unit(msgspec.structs.replace(MINE, data=path))["Service"]["Environment"] == written
    assert unit(msgspec.structs.replace(MINE, command=("/a $b/headgate",)))["Service"]["ExecStart"] == '"/a $$b/headgate" up'


@pytest.mark.parametrize("wishes", [SYSTEM, MINE])
def test_launchd(wishes):
    """The same for macOS: started at once and kept alive, with a log file."""
    plan = launchd_plan(wishes)
    read = plistlib.loads(plan.text.encode())

    assert read["Label"] == LABEL
    assert read["ProgramArguments"] == [*wishes.command, "up"]
    assert read["EnvironmentVariables"]["HEADGATE_DATA"] == wishes.data
    assert read.get("UserName", "") == wishes.user
    assert read["StandardErrorPath"] in plan.log
    assert plan.file.endswith(f"{LABEL}.plist")
    assert plan.start[0][:2] == ("launchctl", "bootstrap")
    assert "file:" in plan.notes[0]
