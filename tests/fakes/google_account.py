"""A service account of Google's whose tokens a server on loopback gives."""

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def write_service_account(file: Path, token_uri: str) -> None:
    """Its key file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    account = {
        "type": "service_account", "project_id": "acme", "private_key_id": "1", "private_key": pem,
        "client_email": "headgate@acme.iam.gserviceaccount.com", "client_id": "1", "token_uri": token_uri,
    }  # fmt: skip
    file.write_text(json.dumps(account), encoding="utf-8")
