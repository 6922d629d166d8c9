"""What the documentation tells people to type is typed here, as it is printed, on a machine of its own: a home, a gateway, an empty folder to work in."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.e2e.asking import ANTHROPIC, CLOSING, Asking
from tests.e2e.documented import HOST, PAGES, TOKEN, Block, block, blocks
from tests.e2e.lab import ALONE, Gateway, environment, free_port, headgate

_COMMANDS = ("headgate", "curl", "HEADGATE_TOKEN=")


class HomeGateway(Gateway):
    """A gateway whose data lies where it lies by default: below the home of whoever runs it."""

    @property
    def home(self) -> Path:
        """The home that commands run in."""
        return self.folder / "home"

    @property
    def data(self) -> str:
        """The default data directory of that home."""
        return str(self.home / ".local" / "share" / "headgate")


@dataclass
class Machine:
    """A home with a running demo gateway, and an empty folder to type commands in."""

    gateway: HomeGateway
    work: Path

    def run(self, command: list[str], timeout_s: float = 60.0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command, cwd=self.work, env=self._environment(variables), capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def start(self, command: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command that goes on."""
        return subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.work,
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def filled(self, text: str) -> str:
        """A documented text with this gateway's address and token in it."""
        return text.replace(HOST, self.gateway.url).replace(TOKEN, self.gateway.token)

    def ask(self, gateway: Gateway | None = None) -> None:
        """One exchange."""
        asked = gateway or self.gateway
        with Asking(asked.url, asked.token, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False)) as asking:
            assert asking.status == 200
            asking.rest()

    def wait_for_the_table(self) -> None:
        """Until the flusher has carried everything that was asked."""
        log = Path(self.gateway.data) / "warehouse" / "system" / "ai_gateway" / "usage" / "_delta_log" / "00000000000000000001.json"
        deadline = time.monotonic() + 30
        while not log.exists():
            assert time.monotonic() < deadline, self.gateway.log[-2000:]
            time.sleep(0.1)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**environment(), "PATH": path, "HOME": str(self.gateway.home), "PYTHONWARNINGS": "ignore", **variables}


@contextlib.contextmanager
def machine(folder: Path, config: str = "") -> Generator[Machine]:
    """A machine with a demo gateway, ended afterwards."""
    gateway = HomeGateway(folder, ALONE + config, arguments=("--demo",))
    work = folder / "work"
    work.mkdir(parents=True)
    gateway.token = "-"
    try:
        gateway.start()
        gateway.token, gateway.token_id = gateway.create_token("the documentation")
        yield Machine(gateway, work)
    finally:
        gateway.kill_all()


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Machine]:
    """One machine for what leaves no trace on it."""
    with machine(tmp_path_factory.mktemp("docs")) as ready:
        yield ready


def commands(page: str) -> list[tuple[Block, str]]:
    """Each command of a page, in order, with the block it stands in. A block of SQL is a file that is run; one with a name is run by the page itself."""
    found = []
    for each in blocks(page):
        if each.language == "sql" and not each.name:
            found.append((each, f"headgate sql -f {_script(each)}"))
        if each.language == "sh" and each.text.startswith(_COMMANDS):
            lines = each.text.replace("\\\n", " ").splitlines()
            assert all(line.startswith(_COMMANDS) for line in lines), each
            found += [(each, line) for line in lines]
    return found


def _script(each: Block) -> str:
    """The file that a block of SQL is, for those who type the page's commands."""
    return f"{each.name or f'line-{each.line}'}.sql"


def write_scripts(page: str, folder: Path) -> None:
    """Every block of SQL of a page as a file."""
    for each in blocks(page):
        if each.language == "sql":
            (folder / _script(each)).write_text(each.text, encoding="utf-8")


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_commands(tmp_path, page):
    """Each command of a page succeeds, in the order of the page."""
    with machine(tmp_path) as ready:
        ready.ask()
        ready.wait_for_the_table()
        write_scripts(page, ready.work)
        for where, command in commands(page):
            typed = ready.filled(command)
            if typed.startswith("headgate up"):
                check_start(ready, typed, where)
                continue
            done = ready.run(["bash", "-c", re.sub(r"^curl ", "curl --fail-with-body ", typed)])
            assert done.returncode == 0, f"{where}: {command}\n{done.stdout}\n{done.stderr}"
            assert done.stdout or done.stderr, f"{where}: {command}"


def check_start(ready: Machine, command: str, where: Block) -> None:
    """`headgate up` starts, says so, and ends well. It gets a port and a directory of its own."""
    process = ready.start(f"{command.partition('#')[0]} --port 0", HEADGATE_DATA=str(ready.work / "another"))
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "What is there" in line:
                break
        assert "listening" in "".join(said), f"{where}: {command}\n{''.join(said)}"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


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
@pytest.mark.skipif(not shutil.which("sqlite3"), reason="the documented backup uses sqlite3")
def test_backup(tmp_path):
    """A copy that is made as documented, under a running gateway, starts as a gateway with every row and every token, and goes on."""
    with machine(tmp_path / "first") as ready:
        ready.ask()
        ready.wait_for_the_table()
        kept = {row["request_id"] for row in ready.gateway.rows(1)}
        for name in ("backup", "backup-log"):
            done = ready.run(["bash", "-ec", block(name, "docs/operations.md").text])
            assert done.returncode == 0, done.stderr
        copy = HomeGateway(tmp_path / "second", ALONE, arguments=("--demo",), token=ready.gateway.token)
        shutil.copytree(ready.work / "backup", copy.data)
        Path(copy.data).chmod(0o700)
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
        deadline = time.monotonic() + 10
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
