"""CPU and memory of a process tree, as the kernel counts them."""

import os
from pathlib import Path


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return []
    for task in tasks:
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except FileNotFoundError:
            continue
        for child in children:
            found += tree(int(child))
    return found


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process tree has used."""
    return sum(map(own_cpu_s, tree(pid)))


def own_cpu_s(pid: int) -> float:
    """Seconds of CPU that one process has used; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine_s() -> float:
    """Seconds of CPU that the whole machine has used, over all cores, without what it was idle."""
    ticks = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Resident megabytes of one process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def command(pid: int) -> str:
    """A process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def serving_pid(pid: int) -> int:
    """The process of a tree that has the most memory mapped in: of Headgate, the one named serving."""
    for each in tree(pid):
        if "headgate.cli.serving" in command(each):
            return each
    return pid
