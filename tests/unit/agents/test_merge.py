"""Settings in a text and out of it again: everything else stays byte for byte."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.agents.merge import FORMS, merged, undone, written
from headgate.agents.registry import AGENTS
from headgate.agents.setting import AgentConnection, Form, Setting
from headgate.agents.text_form import Broken, CannotSet

ENV = (Setting(("env", "URL"), "http://gate"), Setting(("env", "TOKEN"), "hg_secret", secret=True), Setting(("on",), value=True))
PATHS = [each.path for each in ENV]
CODEX = (
    Setting(("model_provider",), "headgate"),
    Setting(("model",), "gpt-5.2"),
    Setting(("model_providers", "headgate", "base_url"), "http://gate"),
    Setting(("otel", "exporter", "otlp-http", "headers", "X-Name"), "a"),
)
CODEX_PATHS = [each.path for each in CODEX]

JSON_FILES = {
    "absent": "",
    "blank": "\n",
    "no members": "{}",
    "space": "{ }\n",
    "usual": '{\n  "model": "opus",\n  "permissions": {\n    "allow": ["Bash(ls)"]\n  }\n}\n',
    "one line": '{"model": "opus", "env": {"A": "1"}}',
    "odd order": '{\n  "env": {"Z": "1",\n    "A" : "2"}  ,\n\n"hooks": [ 1,2 ]}',
    "tabs": '{\n\t"env": {\n\t\t"A": "1"\n\t}\n}\n',
    "CRLF": '{\r\n    "env": {\r\n        "A": "1"\r\n    }\r\n}\r\n',
    "BOM": '\ufeff{\n  "a": 1\n}',
    "replaced": '{\n  "env": {"URL" : "https://old", "B": "2"},\n  "on": null\n}\n',
    "no members in it": '{\n  "env": {\n  },\n  "a": [{"b": {}}]\n}\n',
}
COMMENTED = {
    "comments": '{\n  // mine\n  "a": 1, /* and */ "b": 2 // last\n  // end\n}\n',
    "comma at the end": '{\n  "env": {\n    "A": "1", // first\n  },\n}\n',
    "only a comment": "{\n  // nothing yet\n}\n",
    "address": '{\n  "$schema": "https://x/y", // "env": {}\n  "on": false, // off\n}',
}
TOML_FILES = {
    "absent": "",
    "keys and tables": '# mine\napproval_policy = "never" # always\n\n[features]\nplugins = false\n\n# provider\n[model_providers.other]\nname = "Other"\n',
    "tables alone": "[features]\nplugins = false",
    "replaced": 'model = "o3"\nmodel_provider = "azure"   # work\n[profiles.fast]\nmodel = "o4"\n',
    "long values": 'notify = [\n  "a", # [x]\n  "b]",\n]\ntext = """\n[model_providers.headgate]\nmodel = 1\n"""\n[[arrays]]\nmodel = 1\n[[arrays]]\nmodel = 2\n',
    "CRLF": 'a = 1\r\n\r\n[b]\r\nc = "d"\r\n',
    "ours is there": '[model_providers.headgate]\nname = "x"\n\n[model_providers."a.b"]\nc = 1\n',
    "BOM": "\ufeff[b]\nc = 1\n",
    "a comment alone": "# nothing yet",
}
DOTENV_FILES = {
    "absent": "",
    "usual": "# keys\nexport A=1\nURL=https://old # mine\n\nB='two words'\n",
    "no line end": "A=1\nB=2",
    "CRLF": "A=1\r\nURL = x\r\n",
    "twice": "URL=a\nURL=b\n",
    "BOM": "\ufeffURL=a\n",
}
VARIABLES = (Setting(("URL",), "http://gate:1/x"), Setting(("C",), "two words"), Setting(("KEY",), "hg_secret", secret=True))
CASES = [
    *((Form.JSON, text, ENV) for text in JSON_FILES.values()),
    *((Form.JSONC, text, ENV) for text in (JSON_FILES | COMMENTED).values()),
    *((Form.TOML, text, CODEX) for text in TOML_FILES.values()),
    *((Form.DOTENV, text, VARIABLES) for text in DOTENV_FILES.values()),
]


@pytest.mark.parametrize(("form", "text", "settings"), CASES)
def test_a_merge_and_its_undo(form, text, settings):
    """The settings are there and nothing else is changed; a second merge changes nothing; the undo gives the same bytes, also value by value."""
    done = merged(form, text, settings)
    tree = FORMS[form].tree(done.text)
    for setting in settings:
        found = tree
        for key in setting.path:
            found = found[key]
        assert found == setting.value
    assert len(done.changes) == len(settings)
    again = merged(form, done.text, settings)
    assert (again.text, again.changes) == (done.text, ())
    paths = [setting.path for setting in settings]
    assert undone(form, text, done.text, done.text, paths) == text
    assert FORMS[form].tree(undone(form, text, done.text, f"{done.text}\n", paths) or "") == FORMS[form].tree(text)


@pytest.mark.parametrize(("form", "text", "settings"), CASES)
def test_lines_stay_as_they_are(form, text, settings):
    """Each line of the user's that holds none of the settings is still there, with its comment and its line end."""
    done = merged(form, text, settings).text
    names = {f'"{part}"' for each in settings for part in each.path} | {each.path[-1] for each in settings}
    for line in text.splitlines():
        user = line.replace(",", "").strip("\ufeff{} ")  # a comma may come, and what closes an object may move
        assert any(name in line for name in names) or user in done.replace(",", "")
    assert ("\r\n" in text) == ("\r\n" in done)
    assert done.count("\n") == done.count("\r\n") or "\r\n" not in text


def test_a_merge_in_full():
    """Members go to the end of their object, in its own style."""
    text = '{\n    // mine\n    "model": "opus", // the best\n    "env": {"A": "1"}\n}\n'
    done = merged(Form.JSONC, text, ENV)
    assert done.text == (
        '{\n    // mine\n    "model": "opus", // the best\n    "env": {"A": "1", "URL": "http://gate", "TOKEN": "hg_secret"},\n    "on": true\n}\n'
    )
    assert [str(each) for each in done.changes] == ['add      env.URL = "http://gate"', "add      env.TOKEN = …", "add      on = true"]
    old = '{"env": {"URL": "https://old", "TOKEN": "sk-old"}}'
    assert [str(each) for each in merged(Form.JSON, old, ENV[:2]).changes] == [
        'replace  env.URL: "https://old" → "http://gate"',
        "replace  env.TOKEN: … → …",
    ]


def test_a_merge_of_toml_in_full():
    """Keys go to their table, new tables to the end."""
    assert merged(Form.TOML, 'model = "o3" # mine\n[features]\nx = 1', CODEX).text == (
        'model = "gpt-5.2" # mine\nmodel_provider = "headgate"\n[features]\nx = 1\n\n[model_providers.headgate]\nbase_url = "http://gate"\n'
        '\n[otel.exporter.otlp-http.headers]\nX-Name = "a"\n'
    )
    assert merged(Form.TOML, "[features]\nx = 1\n", CODEX[:2]).text == 'model_provider = "headgate"\nmodel = "gpt-5.2"\n\n[features]\nx = 1\n'


@pytest.mark.parametrize(
    ("form", "before", "edit", "expected"),
    [
        (Form.JSON, '{\n  "a": 1\n}\n', ('"a": 1', '"a": 2'), '{\n  "a": 2\n}\n'),
        (Form.JSON, '{\n  "a": 1\n}\n', ('"on": true\n', '"on": true,\n  "mine": []\n'), '{\n  "a": 1,\n  "mine": []\n}\n'),
        (Form.JSON, '{\n  "a": 1\n}\n', ("http://gate", "http://mine"), '{\n  "a": 1,\n  "env": {\n    "URL": "http://mine"\n  }\n}\n'),
        (Form.JSON, "{}", ('"on": true', '"on": true,\n  "mine": 1'), '{\n  "mine": 1\n}'),
        (Form.JSON, '{"on": 1, "env": {"URL": "old"}}', ('{"on"', '{"x": 0, "on"'), '{"x": 0, "on": 1, "env": {"URL": "old"}}'),
        (Form.JSON, None, ('"on": true', '"on": true,\n  "mine": 1'), '{\n  "mine": 1\n}\n'),
        (Form.JSON, None, ('"on": true', '"on":  true'), None),
        (Form.JSONC, '{\n  "a": 1 // one\n}', ("// one", "// two"), '{\n  "a": 1 // two\n}'),
        (Form.JSONC, "{\n}\n", ('"on": true', '// why\n  "on": true'), "{\n  // why\n}\n"),
    ],
)
def test_the_users_edits_stay(form, before, edit, expected):
    """After an edit only our values go, those that were replaced come back, and one that the user changed is the user's."""
    after = merged(form, before or "", ENV).text
    now = after.replace(*edit)
    assert now != after
    assert undone(form, before, after, now, PATHS) == expected


@pytest.mark.parametrize(
    ("before", "edit", "expected"),
    [
        (
            "",
            ("[model_providers.headgate]\n", '[mine]\nx = 1\n\n[model_providers.headgate]\nname = "x"\n'),
            '[mine]\nx = 1\n\n[model_providers.headgate]\nname = "x"\n',
        ),
        ('model = "o3"\n[a]\n', ("[a]\n", "[a]\nb = 1\n"), 'model = "o3"\n[a]\nb = 1\n'),
        ('model = "o3"\n', ("gpt-5.2", "gpt-6"), 'model = "gpt-6"\n'),
        ("[a]\nb = 1\n", ("b = 1\n", "b = 1\nc = 2\n"), "[a]\nb = 1\nc = 2\n"),
    ],
)
def test_the_users_edits_of_toml_stay(before, edit, expected):
    """As in JSON; a table of ours goes with its last key."""
    after = merged(Form.TOML, before, CODEX).text
    assert undone(Form.TOML, before, after, after.replace(*edit), CODEX_PATHS) == expected


@pytest.mark.parametrize(
    ("form", "text", "line"),
    [
        (Form.JSON, '{\n  "a": 1,\n}', 2),
        (Form.JSON, '{\n  // no\n  "a": 1}', 2),
        (Form.JSON, '{"a": 1', 1),
        (Form.JSON, "[]", 1),
        (Form.JSON, '{"a": 1} x', 1),
        (Form.JSON, '{"a": 01}', 1),
        (Form.JSON, "{" * 3 + '"a', 1),
        (Form.JSON, '{"a":' * 200, 1),
        (Form.JSONC, '{\n/* "a": 1}', 2),
        (Form.TOML, "a = 1\nb = \n", 2),
        (Form.TOML, "a = 1\na = 2\n", 2),
        (Form.TOML, "[a", 1),
        (Form.DOTENV, 'A=1\nB="two\nlines"\n', 2),
    ],
)
def test_a_broken_file(form, text, line):
    """It is refused with the line, and nothing is made of it."""
    with pytest.raises(Broken) as broken:
        merged(form, text, ENV)
    assert broken.value.line == line


@pytest.mark.parametrize(
    ("form", "text", "settings"),
    [
        (Form.JSON, '{"env": "none"}', ENV),
        (Form.JSON, '{"env": null}', ENV),
        (Form.TOML, 'model_providers = { other = { name = "x" } }\n', CODEX),
        (Form.TOML, '[otel]\nexporter = "none"\n', CODEX),
        (Form.DOTENV, "", (Setting(("A",), "it's two"),)),
    ],
)
def test_a_place_that_is_taken(form, text, settings):
    """What cannot be put there without moving what is the user's is refused."""
    with pytest.raises(CannotSet):
        merged(form, text, settings)


_KEYS = st.sampled_from(["a", "b", "env", "URL", "on", "ü \\n", "x.y"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "//", "{", '"', "é", "http://x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_STYLES = st.sampled_from([None, 1, 2, 4, "\t"])


@given(st.dictionaries(_KEYS, _VALUES, max_size=5), _STYLES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["", "\n", " \n"]))
def test_any_json(tree, indent, newline, is_dense, end):
    """Whatever a file holds, in whatever style: the merge is right or is refused, its undo is exact, and so is one value by value but for white space."""
    separators = (",", ":") if is_dense else None
    text = json.dumps(tree, indent=indent, separators=separators, ensure_ascii=False).replace("\n", newline) + end
    try:
        done = merged(Form.JSON, text, ENV)
    except CannotSet:
        assert "env" in tree
        return
    expected = json.loads(text)
    expected.setdefault("env", {}).update(URL="http://gate", TOKEN="hg_secret")
    assert json.loads(done.text) == expected | {"on": True}
    assert undone(Form.JSON, text, done.text, done.text, PATHS) == text
    edited = undone(Form.JSON, text, done.text, f"{done.text}{newline}", PATHS)
    assert edited is not None
    assert json.loads(edited) == tree


@given(
    st.lists(
        st.sampled_from([
            "a = 1\n",
            "# c\n",
            "\n",
            "[t]\n",
            "[t.u]\nx = 1\n",
            'model = "m" # k\n',
            "[[l]]\n",
            'v = """\n[t]\n"""\n',
            "w = [\n1,\n]\n",
        ]),
        max_size=8,
        unique=True,
    )
)
def test_any_toml(lines):
    """The same for TOML, where a text that it refuses is left alone."""
    text = "".join(lines)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    done = merged(Form.TOML, text, CODEX)
    assert tomllib.loads(done.text)["model_providers"]["headgate"] == {"base_url": "http://gate"}
    assert undone(Form.TOML, text, done.text, done.text, CODEX_PATHS) == text
    assert tomllib.loads(undone(Form.TOML, text, done.text, f"{done.text}# mine\n", CODEX_PATHS) or "") == tree


@pytest.mark.parametrize("agent", AGENTS, ids=[agent.word for agent in AGENTS])
def test_a_new_file_of_each_agent(agent):
    """It can be read, holds the address and the token, and ends with a line end."""
    connection = AgentConnection(url="http://gate.example:8484", model="house", token="hg_canary", tables="main.default.agents")
    for file in agent.files(connection):
        text = written(file)
        assert FORMS[file.form].tree(text)
        assert text.endswith("\n")
        assert undone(file.form, None, text, text, [each.path for each in file.settings]) is None
