"""Whom a user may ask, at the end of every error that Headgate words for an agent. It is put in once, around the faces of all dialects."""

from collections.abc import Mapping

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.dialects.faces import ClientFace


def with_contact(faces: Mapping[str, ClientFace], contact: str) -> Mapping[str, ClientFace]:
    """The faces with the contact in what they answer; the same ones without a contact. Records have the errors as they are."""
    return {name: _with_contact(face, contact) for name, face in faces.items()} if contact else faces


def told_contact(message: str, contact: str) -> str:
    """An error's message with the contact behind it."""
    if not contact:
        return message
    stop = "" if message.rstrip().endswith((".", "!", "?")) else "."
    return f"{message.rstrip()}{stop} Contact: {contact}."


def _with_contact(face: ClientFace, contact: str) -> ClientFace:
    def error(found: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
        return face.error(_extended(found, contact), request_id)

    def stream_error(found: GatewayError, request_id: str) -> bytes:
        return face.stream_error(_extended(found, contact), request_id)

    return msgspec.structs.replace(face, error=error, stream_error=stream_error)


def _extended(found: GatewayError, contact: str) -> GatewayError:
    """The same error with a longer message. Constructors differ from class to class, so that none is called."""
    extended = type(found).__new__(type(found))
    extended.__dict__.update(found.__dict__ | {"message": told_contact(found.message, contact)})
    return extended
