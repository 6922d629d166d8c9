"""`headgate user create|list|show|deactivate|activate|delete|forget`."""

from headgate.cli.forget import add_forget
from headgate.cli.principals import principal_app
from headgate.core.principal import USER

app = principal_app(USER)
add_forget(app)
