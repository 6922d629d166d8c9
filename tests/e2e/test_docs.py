"""What the documentation tells people beside single commands (test_commands.py): its programs, the backup, the proxy in front."""

import contextlib
import http.client
import json
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import trustme

from tests.e2e.asking import ANTHROPIC, CLOSING, Asking
from tests.e2e.documented import HOST, PAGES, Block, block, blocks
from tests.e2e.lab import ALONE, Gateway, free_port, headgate
from tests.e2e.machine import HomeGateway, Machine, commands, machine, write_scripts


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Machine]:
    """One machine for what leaves no trace on it."""
    with machine(tmp_path_factory.mktemp("docs")) as ready:
        yield ready


def programs() -> list[Block]:
    """The documented programs."""
    return [each for page in PAGES for each in blocks(page) if each.language == "python"]


@pytest.mark.parametrize("each", programs(), ids=str)
def test_programs(shared, each):
    """Each documented program runs as it stands and prints something."""
    for module in re.findall(r"^\s*(?:from|import) (\w+)", each.text, re.MULTILINE):
        pytest.importorskip(module)
    if "pyspark" in each.text and not shutil.which("java"):
        pytest.skip("Spark needs Java")
    shared.ask()
    shared.wait_for_the_table()
    write_scripts(each.page, shared.work)
    for _, command in commands(each.page):
        if command.startswith("headgate sql -f "):
            assert shared.run(command.split()).returncode == 0
    done = shared.run([sys.executable, "-c", shared.filled(each.text)], timeout_s=300.0)
    assert done.returncode == 0, f"{each}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.strip()


def test_labels(shared):
    """The documented header with labels is kept with the row."""
    header = '{"team": "web"}'
    with Asking(
        shared.gateway.url, shared.gateway.token, ANTHROPIC.path(), ANTHROPIC.body(), {"Databricks-Ai-Gateway-Request-Tags": header}
    ) as asking:
        asking.rest()
    assert shared.gateway.rows(1)[-1]["request_tags"] == json.loads(header)


@pytest.mark.slow
def test_backup(tmp_path):
    """A backup that is made as documented, under a running gateway, is restored to a gateway with every row and every token, and goes on."""
    with machine(tmp_path / "first") as ready:
        ready.ask()
        ready.wait_for_the_table()
        kept = {row["request_id"] for row in ready.gateway.rows(1)}
        for name in ("backup", "restore"):
            done = ready.run(["bash", "-ec", block(name, "docs/operations.md").text])
            assert done.returncode == 0, done.stderr
        copy = HomeGateway(tmp_path / "second", ALONE, arguments=("--demo",), token=ready.gateway.token)
        Path(copy.data).parent.mkdir(parents=True)
        (ready.gateway.home / "headgate-restored").rename(copy.data)
        try:
            copy.start()
            ready.ask(copy)
            rows = {row["request_id"] for row in copy.rows(len(kept) + 1)}
            assert len(rows) == len(kept) + 1
            assert rows > kept
            assert copy.stop() == 0
            assert {row["request_id"] for row in copy.rows()} == rows
        finally:
            copy.kill_all()


@contextlib.contextmanager
def nginx(folder: Path, port: int, gateway: Gateway) -> Generator[ssl.SSLContext]:
    """The documented nginx before a gateway, with a certificate of its own; what it is trusted by."""
    authority = trustme.CA()
    certificate = authority.issue_cert("gate.example")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    server = block("nginx", "docs/operations.md").text
    for printed, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/gate.example.pem", str(folder / "cert.pem")),
        ("/etc/ssl/gate.example.key", str(folder / "key.pem")),
        ("/var/log/nginx", str(folder)),
        (HOST, gateway.url),
    ):
        assert printed in server
        server = server.replace(printed, here)
    places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    outer = f"daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log {folder}/other.log;\n{places}{server}}}\n"
    (folder / "nginx.conf").write_text(outer, encoding="utf-8")
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    context = ssl.create_default_context()
    authority.configure_trust(context)
    try:
        yield context
    finally:
        process.terminate()
        process.wait(10)


class Named(http.client.HTTPSConnection):
    """A connection to this machine under the name that the certificate has."""

    def connect(self) -> None:
        """Connect to loopback, whatever the name says."""
        plain = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        deadline = time.monotonic() + 90
        while plain.sock is None:
            try:
                plain.connect()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        self.sock = self._context.wrap_socket(plain.sock, server_hostname="gate.example")


@pytest.mark.skipif(not shutil.which("nginx"), reason="the documented proxy is nginx")
def test_the_documented_proxy_logs_no_secret_and_names_the_client(tmp_path):
    """Neither of its logs holds a token from an address, whether the gateway answers or not; pages, cookies and rows are those of the browser before it."""
    with machine(tmp_path, block("behind-nginx", "docs/operations.md").text) as ready:
        port, token = free_port(), ready.gateway.token
        headgate("token", "create", "desk", "--admin", "--data", ready.gateway.data)
        link = headgate("token", "sign-in", "--url", "https://gate.example", "--data", ready.gateway.data).strip()
        secret = link.partition("?t=")[2]
        targets = (
            f"/api/2.0/otel/t/{token}/main.default.agents/v1/logs", f"/api/2.0/otel/t/{token}", f"/anthropic/{token}/v1/messages",
            f"/gemini/v1beta/models?alt=sse&key={token}", f"/login?t={secret}", f"/%68ealthz?key={token}", f"/x/..%2f{token}",
        )  # fmt: skip
        with nginx(tmp_path, port, ready.gateway) as context:
            connection = Named("gate.example", port, context=context)
            headers = {"host": "gate.example", "content-type": "application/json", "x-forwarded-for": "198.51.100.1", "forwarded": "for=198.51.100.2"}
            statuses = [_asked(connection, "GET", target, headers)[0] for target in targets]
            assert statuses[3:6] == [200, 200, 200]
            _, cookie = _asked(connection, "POST", "/login", headers, f"t={secret}")
            assert cookie.startswith("__Host-headgate_session=")
            assert "; Secure" in cookie
            _asked(connection, "POST", ANTHROPIC.path(), {**headers, "authorization": f"Bearer {token}"}, ANTHROPIC.body().decode())
            assert ready.gateway.rows(1)[-1]["ip_address"] == "127.0.0.1"
            ready.gateway.kill_all()
            assert {_asked(connection, "GET", target, headers)[0] for target in targets} <= {400, 502}
            connection.close()
        logs = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.glob("*.log")}
        assert logs["headgate.log"].count('"GET /api/2.0/otel/t/*** HTTP/1.1"') == 4
        assert '"GET /login HTTP/1.1"' in logs["headgate.log"]
        for name, text in logs.items():
            assert token[3:20] not in text, name
            assert secret.rpartition(".")[2] not in text, name


def _asked(connection: http.client.HTTPSConnection, method: str, target: str, headers: dict[str, str], body: str | None = None) -> tuple[int, str]:
    """One request, read whole: its status and the cookie that it sets."""
    connection.request(method, target, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers.get("set-cookie", "")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nginx"), reason="the documented proxy is nginx")
def test_tls_in_front(tmp_path):
    """Behind the documented nginx a stream comes event by event, over TLS, under the name that is allowed; under another name nothing is answered."""
    with machine(tmp_path, '[server]\nallowed_hosts = ["gate.example", "127.0.0.1"]\n') as ready:
        port = free_port()
        with nginx(tmp_path, port, ready.gateway) as context:
            connection = Named("gate.example", port, context=context)
            headers = {"authorization": f"Bearer {ready.gateway.token}", "content-type": "application/json", "host": "gate.example"}
            connection.request("POST", ANTHROPIC.path(), ANTHROPIC.body(), headers)
            answer = connection.getresponse()
            assert answer.status == 200
            first = answer.read1(65536)
            assert b"message_start" in first
            assert CLOSING["anthropic"] not in first
            assert CLOSING["anthropic"] in answer.read()
            connection.request("GET", "/readyz", headers={"host": "elsewhere.example"})
            assert connection.getresponse().status == 400
            connection.close()
