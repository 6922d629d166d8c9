"""AWS's keys: those that the configuration found in the environment, or whatever AWS's own library finds and renews.

The library (botocore, the extra `headgate[bedrock]`) knows profiles, single sign-on, roles, web identities, containers and instances. It renews temporary keys
itself, ten minutes and more before they end, so it is asked once a minute.
"""

import asyncio
import importlib
from typing import Any

from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.upstream.logins.credential import HeldCredential, LoginFailed


class AwsSource:
    """Asks for the keys of one provider."""

    def __init__(self, login: PlatformLogin) -> None:
        self._login = login
        self._credentials: Any = None  # of botocore

    async def fetch(self) -> HeldCredential:
        """The keys of now. Raises LoginFailed."""
        login = self._login
        if login.secret is not None:
            return HeldCredential(key_id=login.client_id, secret=login.secret, token=login.session_token)
        return await asyncio.to_thread(self._resolve)

    def _resolve(self) -> HeldCredential:
        """On a thread: the library reads files and asks servers."""
        try:
            frozen = self._frozen()
        except Exception as error:
            raise LoginFailed(f"AWS's keys cannot be read: {type(error).__name__}: {str(error)[:300]}") from error
        if frozen is None:
            raise LoginFailed("AWS's environment, files and machine have no keys")
        return HeldCredential(key_id=frozen.access_key, secret=Secret(frozen.secret_key), token=Secret(frozen.token) if frozen.token else None)

    def _frozen(self) -> Any:  # ruff: ignore[any-type] the library ships no types
        """The library's keys of now; `None` if it finds none."""
        if self._credentials is None:
            session = importlib.import_module("botocore.session")
            self._credentials = session.Session(profile=self._login.profile or None).get_credentials()
        return None if self._credentials is None else self._credentials.get_frozen_credentials()
