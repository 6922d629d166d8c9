"""A disk that forgets: a block device whose writes survive a power cut only if they were flushed, with a real file system on it.

The device's medium is one file, served through FUSE by this module as a program and attached as a loop device, so whatever makes a file system durable
(fsync, fdatasync, syncfs, a barrier of its log) arrives here as the one order a disk gets: flush. At a cut some of what was not flushed survives,
sector by sector, and the rest is gone, as with the cache of a disk. Needs root, /dev/fuse, libfuse 2 and fusepy.
"""

import ctypes.util
import errno
import importlib.util
import os
import random
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

PAGE = 4096
SECTOR = 512
ROOT = Path(__file__).resolve().parents[2]
SURVIVORS = ("nothing", "some", "most")  # what of the unflushed writes is on the medium after a cut


def why_not() -> str:
    """Why such a disk cannot be had here; empty if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting needs root on Linux"
    if not os.path.exists("/dev/fuse") or not os.path.exists("/dev/loop-control"):
        return "no /dev/fuse or no loop devices"
    missing = [
        tool for tool in ("mkfs.ext4", "losetup", "mount", "umount") if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None
    ]
    if missing:
        return f"{', '.join(missing)} not installed"
    if ctypes.util.find_library("fuse") is None:
        return "libfuse 2 is not installed (apt-get install libfuse2)"
    return "" if importlib.util.find_spec("fuse") else "fusepy is not installed"


class LazyDisk:
    """The disk as a test holds it: formatted once, then powered on and cut again and again. `root` is where its file system is mounted."""

    def __init__(self, folder: Path, size_mb: int = 4096) -> None:
        self.root = folder / "root"
        self._served = folder / "served"
        self._image = folder / "image"
        self._loop = ""
        self._server: subprocess.Popen[bytes] | None = None
        for place in (self.root, self._served):
            place.mkdir(parents=True)
        with self._image.open("wb") as file:
            file.truncate(size_mb << 20)
        _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", "-O", "^metadata_csum_seed", str(self._image))

    def power_on(self) -> None:
        """Serve what the medium holds, and mount it: the file system recovers by itself."""
        self._server = subprocess.Popen([sys.executable, "-m", "tests.kill.lazy_disk", str(self._image), str(self._served)], cwd=ROOT)
        disk = self._served / "disk"
        deadline = time.monotonic() + 10
        while not disk.exists():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise OSError(errno.EIO, "the lazy disk is not served")
            time.sleep(0.02)
        self._loop = _run("losetup", "--find", "--show", str(disk))
        _run("mount", "-t", "ext4", self._loop, str(self.root))

    def cut(self, survivors: str, seed: int) -> None:
        """The power is gone: nothing reaches the medium any more, no flush succeeds, and of what was not flushed only some survives."""
        (self._served / "control").write_text(f"{survivors} {seed}", encoding="ascii")

    def power_off(self) -> None:
        """Take the dead device away. Whoever used it must have been killed."""
        if self._loop:
            _retry("umount", str(self.root))
            _retry("losetup", "--detach", self._loop)
        if self._server is not None:
            _retry("umount", str(self._served))
            self._server.wait(10)
        self._loop, self._server = "", None

    def unflushed(self) -> int:
        """How many pages a cut at this moment would endanger."""
        return int((self._served / "control").read_text(encoding="ascii"))


def _run(*command: str) -> str:
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise OSError(errno.EIO, f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _retry(*command: str) -> None:
    """Killed processes may hold a mount for a moment yet."""
    for _ in range(100):
        try:
            _run(*command)
        except OSError:
            time.sleep(0.05)
        else:
            return
    _run(*command)


class Medium:
    """The image file, and over it the pages that were written but not flushed."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR)
        self._pages: dict[int, bytearray] = {}
        self.size = os.fstat(self._fd).st_size
        self.dead = False

    def read(self, size: int, offset: int) -> bytes:
        """What a reader sees: the newest."""
        self._live()
        found = bytearray(os.pread(self._fd, size, offset).ljust(min(size, self.size - offset), b"\0"))
        for number in range(offset // PAGE, (offset + size - 1) // PAGE + 1):
            page = self._pages.get(number)
            if page is not None:
                start, end = max(number * PAGE, offset), min((number + 1) * PAGE, offset + len(found))
                found[start - offset : end - offset] = page[start - number * PAGE : end - number * PAGE]
        return bytes(found)

    def write(self, data: bytes, offset: int) -> int:
        """Into the cache."""
        self._live()
        at = 0
        while at < len(data):
            number, within = divmod(offset + at, PAGE)
            taken = min(PAGE - within, len(data) - at)
            page = self._pages.get(number)
            if page is None:
                page = self._pages[number] = bytearray(PAGE if taken == PAGE else os.pread(self._fd, PAGE, number * PAGE))
            page[within : within + taken] = data[at : at + taken]
            at += taken
        return len(data)

    def flush(self) -> None:
        """Everything written so far is on the medium. The image itself is not synced: it is this process that never dies unasked."""
        self._live()
        for number, page in self._pages.items():
            os.pwrite(self._fd, page, number * PAGE)
        self._pages.clear()

    def cut(self, survivors: str, seed: int) -> None:
        """The end, with a chance for each sector that was not flushed."""
        chance = random.Random(seed)
        share = {"nothing": 0.0, "some": 0.5, "most": 0.95}[survivors]
        for number, page in self._pages.items():
            for start in range(0, PAGE, SECTOR):
                if chance.random() < share:
                    os.pwrite(self._fd, page[start : start + SECTOR], number * PAGE + start)
        self._pages.clear()
        self.dead = True

    @property
    def unflushed(self) -> int:
        """Pages in danger."""
        return len(self._pages)

    def _live(self) -> None:
        if self.dead:
            raise OSError(errno.EIO, "no power")


def serve(image: str, mountpoint: str) -> None:
    """Be the disk until it is unmounted."""
    from fuse import FUSE, FuseOSError, Operations  # type: ignore[import-not-found]

    medium = Medium(image)

    class Files(Operations):  # type: ignore[misc]
        """Two files: the disk, and the switch that cuts its power."""

        def getattr(self, path: str, _fh: object = None) -> dict[str, int]:
            """Who asks for anything else is told that it is not there."""
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
            if path not in {"/disk", "/control"}:
                raise FuseOSError(errno.ENOENT)
            return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": medium.size if path == "/disk" else 16}

        def readdir(self, _path: str, _fh: object) -> list[str]:
            """Both."""
            return [".", "..", "disk", "control"]

        def truncate(self, _path: str, _length: int, _fh: object = None) -> None:
            """The switch is opened like any file."""

        def read(self, path: str, size: int, offset: int, _fh: object) -> bytes:
            """The disk's bytes, or how many of its pages are in danger."""
            return medium.read(size, offset) if path == "/disk" else str(medium.unflushed).ljust(16).encode()[offset : offset + size]

        def write(self, path: str, data: bytes, offset: int, _fh: object) -> int:
            """Onto the disk, or the cut."""
            if path == "/disk":
                return medium.write(data, offset)
            survivors, seed = data.decode().split()
            medium.cut(survivors, int(seed))
            return len(data)

        def fsync(self, path: str, _datasync: int, _fh: object) -> int:
            """The flush that everything depends on."""
            if path == "/disk":
                medium.flush()
            return 0

    FUSE(Files(), mountpoint, foreground=True, nothreads=True, big_writes=True, max_read=131072)


if __name__ == "__main__":
    serve(*sys.argv[1:])
