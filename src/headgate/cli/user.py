"""`headgate user create|list|show|deactivate|activate|delete`."""

from headgate.cli.principals import principal_app
from headgate.core.principal import USER

app = principal_app(USER)
