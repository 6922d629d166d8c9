"""The journey of an exchange while its preview is off."""

import msgspec
import pytest

from headgate.core.errors import FeatureDisabled
from headgate.policy.previews import Previews
from tests.unit.exchange.journeys import Stage


def test_nothing_is_sent_while_the_preview_is_off() -> None:
    """Not even a body that cannot be read is looked at; the refusal has its record."""
    stage = Stage()
    stage.snapshot = msgspec.structs.replace(stage.snapshot, previews=Previews(coding_agents=False))

    with pytest.raises(FeatureDisabled):
        stage.run()
    with pytest.raises(FeatureDisabled):
        stage.exchanges.run(stage.inbound(b"{"), None, lambda: None)  # type: ignore[arg-type]

    assert [(outcome.status_code, outcome.error_code) for outcome in stage.journal.outcomes] == [(404, "FEATURE_DISABLED")] * 2
    assert not stage.upstream.requests
