"""What a serving process reports once it serves, for people: where it is, what it found, and how to sign in for the first time."""

from headgate.app.control import Control
from headgate.app.options import Ready, ServingOptions
from headgate.core.dialect_names import spoken_text
from headgate.core.endpoint import Provider


def start_report(control: Control, options: ServingOptions) -> Ready:
    """The report. It holds the admin token only if this process minted it, only once, and only for a terminal: anything else that prints it is a log."""
    minted = control.store.take_first_admin()
    if not options.up.terminal:
        minted = None
    configuration = control.configuration
    public_url = configuration.settings.server.public_url.rstrip("/")
    return Ready(
        url=options.url,
        data_dir=str(control.data.root),
        config_path=str(configuration.file) if configuration.file is not None else "",
        providers=[(provider.name, provider.origin, _model_count(control, provider)) for provider in control.providers],
        endpoints=len(configuration.endpoints),
        formats=spoken_text(dialect for provider in control.providers for dialect in provider.dialects),
        public_url=public_url,
        admin_token=minted.token if minted is not None else "",
        sign_in_url=f"{public_url or options.url}/login?t={control.store.sign_in_secret(minted)}" if minted is not None else "",
        notes=list(configuration.notes),
        demo_fills=options.up.demo and configuration.settings.demo.fill,
    )


def _model_count(control: Control, provider: Provider) -> int:
    listed = control.snapshot().endpoints.spoken(provider.dialects[0])
    return sum(1 for endpoint in listed if any(target.provider.name == provider.name for target in endpoint.targets))
