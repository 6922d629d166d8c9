"""The documentation tells what is there: all of it, and nothing that is not. Its commands are run by tests/e2e/test_commands.py."""

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from itertools import starmap

import pytest
import yaml

from headgate.agents.merge import written
from headgate.agents.registry import AGENTS, TELEMETRY_TABLES
from headgate.agents.setting import AgentConnection, AgentFile
from headgate.catalog.types import Array, Decimal, Map, Primitive, Structure, Type
from headgate.catalog.usage_table import USAGE
from headgate.config.entries import WrittenEndpoint, WrittenProvider, WrittenTarget
from headgate.config.overrides import SHORT_VARIABLES, variable_of
from headgate.config.validate import leaves
from headgate.metering.metric_table import METRICS
from headgate.metering.metric_text import HISTOGRAM
from tests.e2e.documented import HOST, PAGES, ROOT, Block, block, blocks
from tests.tidy import generated
from tests.tidy.codes import all_codes, served_codes

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([A-Za-z0-9_]+)`")
_MADE_BY_A_RUN = {"docs/benchmarks.md", "docs/benchmarks-tables.md", "docs/benchmarks-pages.md"}  # `make bench` writes it
_LANGUAGES = {"sh", "json", "toml", "dotenv", "ini", "nginx", "python", "sql", "text", "yaml"}
_WORDS = {"string": "STRING", "integer": "INT", "long": "BIGINT", "boolean": "BOOLEAN", "timestamp": "TIMESTAMP"}


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["docs/commands.md", "docs/configuration.md", "docs/monitoring.md", "docs/operations.md"])
def test_generated_parts_are_current(page):
    """What is made from the code is as the code gives it; `python -m tests.tidy.generated` writes it anew."""
    assert generated.rewritten(text(page)) == text(page)
    assert page in {path for path, _, _ in generated.pages()}


def test_every_setting_is_documented():
    """Each setting of a section, and each key of a provider, an endpoint and a target, has its row."""
    page = text("docs/configuration.md")
    for path, _ in leaves():
        row = f"| `{path[-1]}` | " if len(path) == 2 else f"\n## {path[0]}\n"
        assert row in page, path
        assert len(path) == 1 or f"`{variable_of(path)}`" in page, path
    for struct in (WrittenProvider, WrittenEndpoint, WrittenTarget):
        for name in struct.__struct_fields__:
            assert f"| `{name}` | " in page, (struct, name)


def test_every_command_is_documented_with_an_example():
    """Each command has its section, in the order of the help, with its options and an example that begins with it."""
    page = text("docs/commands.md")
    sections = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert sections == generated.command_paths()
    examples = [each.text for each in blocks("docs/commands.md") if each.language == "sh"]
    for path in sections:
        assert f"<!-- generated: command {path} -->" in page
        assert any(example.startswith(f"headgate {path}") for example in examples), path


def test_every_error_code_is_documented():
    """Each code that a client can meet has its row, and no row tells of one that is not there."""
    rows = [row.split("|")[1] for row in text("docs/errors.md").splitlines() if row.startswith("| `")]
    documented = {code for row in rows for code in _CODE.findall(row)}
    assert sorted(served_codes() - documented) == []
    assert sorted(documented - all_codes()) == []


def test_every_column_is_documented():
    """The usage table's columns are all there, with their types, and no others."""
    rows = re.findall(r"^\| `(\w+)` \| ([A-Z0-9(),]+) \|", text("docs/usage.md"), re.MULTILINE)
    assert dict(rows) == {field.name: _word(field.type) for field in USAGE.schema.fields}
    assert len(rows) == len(USAGE.schema.fields)


def _word(kind: Type) -> str:
    match kind:
        case Primitive():
            return _WORDS[kind.name]
        case Decimal():
            return f"DECIMAL({kind.precision},{kind.scale})"
        case Map():
            return "MAP"
        case Array():
            return "ARRAY"
        case Structure():
            return "STRUCT"
    raise AssertionError(kind)


def test_every_ending_is_documented():
    """Each value of `ended` that the schema names is explained."""
    (comment,) = [field.comment for field in USAGE.schema.fields if field.name == "ended"]
    for value in re.findall(r"\w+", comment.replace(" or ", " ")):
        assert f"\n| `{value}` | " in text("docs/usage.md"), value


def test_agents_are_set_up_alike_everywhere():
    """The pages on agents and on telemetry print what the page that connects agents shows."""
    for agent in AGENTS:
        plain = AgentConnection(url=HOST, model=agent.model)
        texts = [written(file) for file in agent.files(plain)] or [agent.by_hand(plain)]
        for position, expected in enumerate(texts, 1):
            assert block(f"connect-{agent.word}" + (f"-{position}" if position > 1 else "")).text == expected, agent.word
        reporting = agent.files(AgentConnection(url=HOST, model=agent.model, tables=TELEMETRY_TABLES))
        added = list(starmap(_added, zip(agent.files(plain), reporting, strict=True)))
        for file in added:
            if file.settings:
                assert block(f"{agent.recorded_as}-telemetry".replace("-cli", ""), "docs/telemetry.md").text == written(file), agent.word


def _added(before: AgentFile, after: AgentFile) -> AgentFile:
    """What telemetry adds to a file."""
    return AgentFile(after.place, after.form, after.settings[len(before.settings) :])


def test_the_readme_prints_the_same():
    """Its configurations of agents are those of the page on agents."""
    names = {each.name for each in blocks("docs/agents.md")} - {""}
    for each in blocks("README.md"):
        assert each.name not in names or each.text == block(each.name).text, each.name


def test_old_forms_differ_only_in_form():
    """Codex's forms hold the same settings: the page's profile, the top level, and the profile's own file."""
    top = tomllib.loads(block("codex").text)
    page = tomllib.loads(block("codex-page").text)
    assert page["profiles"][page["profile"]] | {"model_providers": page["model_providers"]} == top
    assert tomllib.loads(block("codex-profile").text) | {"model_providers": top["model_providers"]} == top


def all_blocks() -> Iterator[Block]:
    for page in PAGES:
        yield from blocks(page)


@pytest.mark.parametrize("each", list(all_blocks()), ids=str)
def test_every_block_can_be_read(each):
    """Each block says its language, and what is a configuration is well-formed."""
    assert each.language in _LANGUAGES or (each.page == "README.md" and "──▶" in each.text)
    match each.language:
        case "json":
            json.loads(each.text)
        case "toml":
            tomllib.loads(each.text)
        case "yaml":
            assert isinstance(yaml.safe_load(each.text), dict)
        case "dotenv":
            assert all(re.fullmatch(r"[A-Z_]+=\S.*", line) for line in each.text.splitlines())
        case "ini":
            parser = configparser.RawConfigParser(strict=False)
            parser.optionxform = str
            parser.read_string(each.text)
        case "python":
            compile(each.text, str(each), "exec")


def test_the_service_waits_for_the_drain():
    """The example of a service gives streams the time that Headgate gives them, and a minute for the records."""
    unit = configparser.RawConfigParser(strict=False)  # a setting may come twice
    unit.optionxform = str
    unit.read_string(block("systemd", "docs/operations.md").text)
    drain_s = next(field.default for path, field in leaves() if path == ("server", "drain_s"))
    assert float(unit["Service"]["TimeoutStopSec"]) >= drain_s + 60
    assert unit["Service"]["KillMode"] == "mixed"


def test_alerts_ask_for_metrics_that_are_there():
    """Each name in an alert's expression is a metric's, with the suffix that its kind has, and each label one of its own. Each alert says what to do."""
    (group,) = yaml.safe_load(block("alerts", "docs/monitoring.md").text)["groups"]
    known = {metric.name for metric in METRICS if metric.kind != HISTOGRAM} | {
        f"{metric.name}_bucket" for metric in METRICS if metric.kind == HISTOGRAM
    }
    labels = {label for metric in METRICS for label in metric.labels} | {"le", "job"}
    for rule in group["rules"]:
        expression = rule["expr"]
        assert set(re.findall(r"\b(?:headgate|process)_\w+", expression)) <= known, rule["alert"]
        used = re.findall(r"by \(([^)]*)\)", expression) + re.findall(r"(\w+)=", expression)
        assert {label.strip() for each in used for label in each.split(",")} <= labels, rule["alert"]
        assert {"severity"} == set(rule["labels"])
        assert {"summary", "description"} == set(rule["annotations"])
        assert rule["annotations"]["description"].endswith(".")


def test_every_page_is_listed():
    """The index lists every page."""
    index = text("docs/index.md")
    for page in PAGES:
        if page not in {"README.md", "docs/index.md"}:
            assert f"]({page.removeprefix('docs/')})" in index, page


@pytest.mark.parametrize("page", [*PAGES, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_every_relative_link_resolves(page):
    """A link within the project leads to a file, and to a heading of it where it names one."""
    for link in _LINK.findall(_without_blocks(text(page))):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        path = (ROOT / page).parent.joinpath(target).resolve() if target else ROOT / page
        if str(path.relative_to(ROOT)) in _MADE_BY_A_RUN:
            continue
        assert path.exists(), f"{page}: {link}"
        assert not anchor or anchor in _anchors(path.read_text(encoding="utf-8")), f"{page}: {link}"


def _without_blocks(page: str) -> str:
    return re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)


def _anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_variable_is_real():
    """A HEADGATE_ variable in the documentation is one that is read."""
    known = {variable_of(path) for path, _ in leaves()} | set(SHORT_VARIABLES.values()) | {"HEADGATE_DATA", "HEADGATE_CONFIG"}
    known |= set(re.findall(r"HEADGATE_\w+", "".join(generated.command(path) for path in generated.command_paths())))
    known |= set(re.findall(r"HEADGATE_[A-Z]+", (ROOT / "hatch_build.py").read_text(encoding="utf-8")))
    told = {name for page in PAGES for name in re.findall(r"HEADGATE_[A-Z_]+", text(page))}
    assert sorted(told - known) == []


def test_the_first_minute_is_what_the_script_types():
    """README's transcript has the commands of `make minute`, each with its time, and says when the first answer came."""
    shown = block("first-minute", "README.md").text
    script = (ROOT / "bench/minute.py").read_text(encoding="utf-8").replace("{wheel.name}", "headgate-0.1.0-py3-none-any.whl").replace("\\'", "'")
    typed = [line.removeprefix("$ ").removesuffix(" &") for line in shown.splitlines() if line.startswith("$ ")]
    assert len(typed) == 6
    assert [command for command in typed if command not in script] == []
    assert "# the first governed answer after " in shown
