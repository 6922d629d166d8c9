"""Makes `vega.js`, the bundle of Vega-Lite that draws every chart, from a package that is needed to build and not to run. It is never committed.
Puts the documentation into wheels.

Runs for wheels and for editable installs. A bundle of the same version is not made again, which would take two seconds.
"""

import gzip
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_BUNDLE = "src/headgate/web/ui/static/vega.js"


class VegaBundle(BuildHookInterface[Any]):
    """Hatchling calls `initialize` before each build."""

    def initialize(self, kind: str, build_data: dict[str, Any]) -> None:
        """Write the bundle, and a compressed copy beside it; put the documentation into a wheel."""
        if self.target_name == "wheel" and kind == "standard":
            for page in Path(self.root, "docs").glob("*.md"):  # the gateway serves them; a clone has them beside the source
                build_data["force_include"][str(page)] = f"headgate/docs/{page.name}"
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
