"""Tools that a provider runs."""

import msgspec

from headgate.core.conversation import Tool, WebSearch
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.server_tools import kept
from tests.fakes.translation import ANTHROPIC, CHAT

SEARCH = Tool("web_search", "server", server_type="web_search", dialect="openai_responses", raw=msgspec.Raw(b'{"type":"web_search"}'))
CODE = Tool("", "server", server_type="code_interpreter", dialect="openai_responses", raw=msgspec.Raw(b"{}"))


def test_a_tool_of_the_targets_own_dialect_stays():
    """As the client wrote it."""
    tool = Tool("bash", "server", dialect="anthropic", raw=msgspec.Raw(b"{}"))

    assert kept(tool, ANTHROPIC, ModelProfile(), LossList()) is tool


def test_a_search_of_the_web_is_one_at_another_provider():
    """Without the definition of its own dialect, where the model has one."""
    assert kept(SEARCH, ANTHROPIC, ModelProfile(), LossList()) == Tool("web_search", "server", server_type="web_search")


def test_a_setting_that_only_the_clients_provider_knows_is_a_loss():
    """The others go on with the tool."""
    losses = LossList()
    search = WebSearch(allowed_domains=("a.it",), others=("later",))
    tool = Tool("web_search", "server", server_type="web_search", dialect="openai_responses", search=search)

    assert kept(tool, ANTHROPIC, ModelProfile(), losses) == Tool("web_search", "server", server_type="web_search", search=search)
    assert [loss.what for loss in losses.all()] == ["tools.web_search.later"]


def test_what_the_provider_does_not_run_is_a_loss():
    """Also a search where the model or the dialect has none."""
    losses = LossList()

    assert kept(CODE, ANTHROPIC, ModelProfile(), losses) is None
    assert kept(SEARCH, ANTHROPIC, ModelProfile(web_search=False), losses) is None
    assert kept(SEARCH, CHAT, ModelProfile(), losses) is None
    why = "the provider that answers does not run this tool"
    assert losses.all() == (Loss("tools.code_interpreter", why), Loss("tools.web_search", why))
