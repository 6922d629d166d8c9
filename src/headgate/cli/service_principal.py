"""`headgate service-principal create|list|show|deactivate|activate|delete`."""

from headgate.cli.principals import principal_app
from headgate.core.principal import SERVICE_PRINCIPAL

app = principal_app(SERVICE_PRINCIPAL)
