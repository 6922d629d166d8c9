"""What the supervisor says when it cannot listen."""

import pytest

from headgate.app.gateway_options import GatewayOptions
from headgate.app.listening import StartFailed
from headgate.app.options import UpOptions
from headgate.app.supervise import Supervisor


def test_an_address_of_another_machine_is_told_at_once(tmp_path) -> None:
    """Waiting would not help, nor would another port."""
    with pytest.raises(StartFailed, match="Choose another with --host"):
        Supervisor.started(GatewayOptions(options=UpOptions(data_dir=str(tmp_path)), host="203.0.113.1", port=0, environ={}, inherited=frozenset()))
