"""Makes what a wheel holds beside the committed source: `vega.js`, the bundle of Vega-Lite that draws every chart, from a package that is needed to build and
not to run; the documentation; and, where `HEADGATE_COMPILED=1` asks for it, the hot modules of `compiled.txt` compiled by mypyc.

Runs for wheels and for editable installs, which stay pure: a compiled module beside its source would hide what is changed in the source. A bundle of the same
version is not made again, which would take two seconds. Without a C compiler the wheel is pure, and a warning says so.
"""

import gzip
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_BUNDLE = "src/headgate/web/ui/static/vega.js"
_COMPILE = """
import sys
from setuptools import setup
from mypyc.build import mypycify
config, folder, *modules = sys.argv[1:]
sys.argv[1:] = ["--quiet", "build_ext", "--build-temp", folder, "--build-lib", f"{folder}/made"]
made = mypycify([f"--config-file={config}", *modules], opt_level="2", debug_level="0", multi_file=True, target_dir=folder, group_name="headgate")
setup(name="headgate", ext_modules=made, packages=[])
"""
_TYPED = (
    "genai-prices",
    "jinja2",
    "msgspec",
    "mypy",
    "uvicorn",
    "zstandard",
)  # the compiler, and what the compiled modules import and it knows the types of


class Build(BuildHookInterface[Any]):
    """Hatchling asks for `dependencies`, and calls `initialize` before each build and `finalize` after it."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def _compiles(self) -> bool:
        return self.target_name == "wheel" and os.environ.get("HEADGATE_COMPILED") == "1"

    def dependencies(self) -> list[str]:
        """What compiling needs, in the versions of `uv.lock`: those of mypy and of the types that it reads decide on the code that runs."""
        if not self._compiles:
            return []
        locked = tomllib.loads(Path(self.root, "uv.lock").read_text(encoding="utf-8"))["package"]
        return ["setuptools>=80", *(f"{package['name']}=={package['version']}" for package in locked if package["name"] in _TYPED)]

    def initialize(self, kind: str, build_data: dict[str, Any]) -> None:
        """Write the bundle, and a compressed copy beside it; put the documentation into a wheel, and what is compiled."""
        if self.target_name == "wheel" and kind == "standard":
            for page in Path(self.root, "docs").glob("*.md"):  # the gateway serves them; a clone has them beside the source
                build_data["force_include"][str(page)] = f"headgate/docs/{page.name}"
            if self._compiles:
                self._compile(build_data)
        self._bundle()

    def finalize(self, kind: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what the wheel was made of."""
        del kind, build_data, artifact_path
        if self._folder is not None:
            self._folder.cleanup()

    def _bundle(self) -> None:
        mark = f"// Vega-Lite and its interpreter, bundled by vl-convert-python {version('vl-convert-python')}\n"
        path = Path(self.root, _BUNDLE)
        packed = path.with_name(f"{path.name}.gz")
        if packed.exists() and path.exists() and path.read_text(encoding="utf-8").startswith(mark):
            return
        import vl_convert  # ruff: ignore[import-outside-top-level] - loading it takes a second

        content = (mark + vl_convert.javascript_bundle()).encode()
        for target, data in ((path, content), (packed, gzip.compress(content, 9, mtime=0))):
            unfinished = target.with_name(f".{target.name}.part")
            unfinished.write_bytes(data)
            unfinished.replace(target)

    def _compile(self, build_data: dict[str, Any]) -> None:
        """Compile a copy of the source, so that nothing compiled is left in the tree."""
        if not _can_compile():
            self.app.display_warning("headgate: there is no C compiler with the headers of Python, so the wheel is pure Python.")
            return
        self._folder = tempfile.TemporaryDirectory(prefix="headgate-compiled-", ignore_cleanup_errors=True)
        folder, source = Path(self._folder.name), Path(self._folder.name, "src")
        shutil.copytree(Path(self.root, "src"), source, ignore=shutil.ignore_patterns("*.so", "__pycache__", "static"))
        modules = [f"headgate/{name}.py" for name in Path(self.root, "compiled.txt").read_text(encoding="utf-8").split()]
        subprocess.run([sys.executable, "-c", _COMPILE, str(Path(self.root, "pyproject.toml")), str(folder), *modules], cwd=source, check=True)
        for made in (folder / "made").rglob(f"*{sysconfig.get_config_var('EXT_SUFFIX')}"):
            build_data["force_include"][str(made)] = str(made.relative_to(folder / "made"))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def _can_compile() -> bool:
    """Whether the compiler that Python names takes a program that uses Python's headers."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    command = [*compiler, f"-I{sysconfig.get_path('include')}", "-fsyntax-only", "-x", "c", "-"]
    try:
        return subprocess.run(command, input=b"#include <Python.h>\n", check=False).returncode == 0
    except OSError:
        return False
