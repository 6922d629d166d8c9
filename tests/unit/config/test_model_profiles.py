"""What the file states of models."""

import pytest

from headgate.config.load import load
from headgate.config.problems import ConfigError
from headgate.core.model_profile import ModelProfile, ProfileChange


def _loaded(tmp_path, text):
    (tmp_path / "headgate.toml").write_text(text, encoding="utf-8")
    return load(str(tmp_path / "headgate.toml"), {"HEADGATE_DISCOVERY_ENVIRONMENT": "false"}, probe=lambda _: None)


def test_an_entry_changes_what_it_states(tmp_path):
    """And nothing else; `false` and a list are statements."""
    text = '[[model_profiles]]\npattern = "house-*"\ndialect = "openai_chat"\noutput_tokens_max = 8192\nimages = false\nefforts = ["low", "high"]\n'

    (change,) = _loaded(tmp_path, text).model_profiles
    assert change == ProfileChange(
        pattern="house-*", dialect="openai_chat", fields={"output_tokens_max": 8192, "efforts": ("low", "high"), "images": False}
    )
    assert set(change.fields) < set(ModelProfile.__struct_fields__)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("images = false", "line 1: model_profiles[0].pattern: an entry needs a pattern"),
        ('pattern = "a b"\nimages = false', "line 2: model_profiles[0].pattern: 'a b' is no model name"),
        ('pattern = "a"\ndialect = "gemni"\nimages = false', "line 3: model_profiles[0].dialect: unknown dialect 'gemni' — did you mean"),
        ('pattern = "a"', "line 1: model_profiles[0]: states nothing of the model"),
        ('pattern = "a"\nthinking = "budgets"', "line 3: model_profiles[0].thinking: unknown word 'budgets'"),
        ('pattern = "a"\nimage = false', "line 3: model_profiles[0].image: unknown key"),
        (
            'pattern = "a"\nbudget_tokens_min = 2\nbudget_tokens_max = 1',
            "line 3: model_profiles[0].budget_tokens_min: is more than budget_tokens_max",
        ),
        ('pattern = "a"\nimages = true\n[[model_profiles]]\npattern = "a"\naudio = true', "line 4: model_profiles[1]: states what a model accepts"),
    ],
)
def test_a_wrong_entry_is_refused_by_line(tmp_path, text, problem):
    """Like every other setting."""
    with pytest.raises(ConfigError) as refused:
        _loaded(tmp_path, f"[[model_profiles]]\n{text}\n")
    (found,) = refused.value.problems

    assert problem in f"line {found.line}: {found.path}: {found.reason}"
