"""Takes a provider's credential out of what comes back from it: out of headers, whole bodies, and streams that cut it anywhere. It knows one secret."""

from headgate.exchange.ports import Headers


class Mask:
    """One answer's mask. Of a stream it holds back only an ending that may be the beginning of the secret, and only until the next piece tells.

    An event ends with a line break, which no credential holds, so a whole event is never held back. An empty secret masks nothing.
    """

    __slots__ = ("_held", "_secret", "_stars")

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret
        self._stars = b"*" * len(secret)
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What may be passed on of the next piece of a stream."""
        secret = self._secret
        if not secret:
            return chunk
        if self._held:
            chunk = self._held + chunk
            self._held = b""
        if secret in chunk:
            chunk = chunk.replace(secret, self._stars)
        if chunk[-1:] in secret:
            return self._hold_back(chunk)
        return chunk

    def rest(self) -> bytes:
        """What is still held back when the stream has ended: it was not the secret."""
        held, self._held = self._held, b""
        return held

    def whole(self, data: bytes) -> bytes:
        """A whole body without the secret."""
        if self._secret and self._secret in data:
            return data.replace(self._secret, self._stars)
        return data

    def headers(self, headers: Headers) -> Headers:
        """Headers without the secret."""
        secret = self._secret
        if secret:
            for _, value in headers:
                if secret in value:
                    return [(name, self.whole(value)) for name, value in headers]
        return headers

    def _hold_back(self, chunk: bytes) -> bytes:
        secret = self._secret
        at = chunk.find(secret[:1], max(0, len(chunk) - len(secret) + 1))
        while at >= 0:
            if secret.startswith(chunk[at:]):
                self._held = chunk[at:]
                return chunk[:at]
            at = chunk.find(secret[:1], at + 1)
        return chunk
