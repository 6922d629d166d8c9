"""The OpenTelemetry Collector beside Headgate, built from the Go module proxy: one with a file exporter, whose answer waits for no disk, and one whose
exports go through a persistent queue that syncs, the nearest it has to a durable answer.
"""

import contextlib
import os
import subprocess
from pathlib import Path

from bench.peers import TOKEN, TOOLS, Missing, Peer, _run, _spawn, _wait

VERSION = "v0.165.0"
HOME = TOOLS / "otelcol"

_CORE, _CONTRIB = "go.opentelemetry.io/collector", "github.com/open-telemetry/opentelemetry-collector-contrib"
_BUILD = f"""
dist: {{name: otelcol, output_path: {HOME}/build}}
receivers: [{{gomod: {_CORE}/receiver/otlpreceiver {VERSION}}}]
exporters:
  - gomod: {_CORE}/exporter/otlphttpexporter {VERSION}
  - gomod: {_CONTRIB}/exporter/fileexporter {VERSION}
extensions: [{{gomod: {_CONTRIB}/extension/storage/filestorage {VERSION}}}]
"""
_FILE = """
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}}}
exporters: {{file: {{path: {folder}/out.json}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{metrics: {{receivers: [otlp], exporters: [file]}}}}
"""
_QUEUE = """
extensions: {{file_storage: {{directory: {folder}/queue, create_directory: true, fsync: true}}}}
receivers:
  otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}
  otlp/behind: {{protocols: {{http: {{endpoint: "127.0.0.1:{behind}"}}}}}}
exporters:
  file: {{path: {folder}/out.json}}
  otlp_http: {{endpoint: "http://127.0.0.1:{behind}", sending_queue: {{storage: file_storage, queue_size: 1000000}}}}
service:
  extensions: [file_storage]
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    metrics: {{receivers: [otlp], exporters: [otlp_http]}}
    metrics/behind: {{receivers: [otlp/behind], exporters: [file]}}
"""


def collector(kind: str, port: int, folder: Path) -> Peer:
    """A started collector: `file` or `queue`. Raises `Missing`."""
    binary = _built()
    config = folder / "collector.yaml"
    config.write_text({"file": _FILE, "queue": _QUEUE}[kind].format(port=port, behind=port + 1, folder=folder), encoding="utf-8")
    process = _spawn([str(binary), "--config", str(config)], folder)
    _wait(f"http://127.0.0.1:{port}/", process)
    return Peer(f"OpenTelemetry Collector, {kind}", VERSION.removeprefix("v"), f"http://127.0.0.1:{port}/v1/metrics", TOKEN, process)


def _built() -> Path:
    """The collector, made once. Not tidied: that would ask for what only its tests need."""
    binary = HOME / "build" / "otelcol"
    if not binary.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / "builder.yaml").write_text(_BUILD, encoding="utf-8")
        try:
            _run(["go", "install", f"{_CORE}/cmd/builder@{VERSION}"], env=_environment())
            with contextlib.suppress(Missing):  # it fails at tidying, once everything is written that a build needs
                _run([str(HOME / "bin" / "builder"), "--config", str(HOME / "builder.yaml"), "--skip-compilation"])
            _run(["go", "build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", "otelcol", "."], cwd=HOME / "build", timeout=900)
        except (FileNotFoundError, subprocess.TimeoutExpired) as error:
            raise Missing(f"it could not be built: {error}") from error
    return binary


def _environment() -> dict[str, str]:
    return {**os.environ, "GOBIN": str(HOME / "bin")}
