"""How tables in object storage are reached, and what it means when they are not. Credentials come from the environment alone, by the names that delta-rs documents.

A store's own words stay here: they hold addresses, key ids and signatures. Only a status, a code and Headgate's own words are passed on.
"""

import re

from headgate.core.errors import BadRequest, GatewayError, NotFound, Unavailable

# No call waits longer than this for a store that hangs: delta-rs' own bounds are minutes, and a thread that is inside it cannot be ended.
OPTIONS = {"connect_timeout": "5s", "timeout": "20s", "max_retries": "3", "retry_timeout": "20s"}

_STATUS = re.compile(r"\b(4\d\d|5\d\d) [A-Z][a-z]+")
_CODE = re.compile(r"<Code>([A-Za-z]{1,64})</Code>")
# Where a machine in a cloud asks for credentials when it was given none.
_NO_CREDENTIALS = re.compile(r"169\.254\.169\.254|169\.254\.170\.2|metadata\.google|token request|credential", re.IGNORECASE)
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)
_REASONS = (
    (re.compile(r"timed out|\btimeout\b", re.IGNORECASE), "it does not answer in time"),
    (re.compile(r"refused", re.IGNORECASE), "the connection is refused"),
    (re.compile(r"dns|resolve|lookup", re.IGNORECASE), "its name cannot be found"),
    (re.compile(r"certificate", re.IGNORECASE), "its certificate is not trusted"),
)


def is_remote(location: str) -> bool:
    """Whether a table's place is in object storage, and not on this machine."""
    return "://" in location.removeprefix("file://")


def explained(error: BaseException, what: str) -> GatewayError:
    """What failed, for people: `what` is the object of the sentence, such as a table's name. Nothing of the store's text but its status and code word."""
    text = str(error)
    told = ", ".join(match.group(1) for match in (_STATUS.search(text), _CODE.search(text)) if match)
    told = f" ({told})" if told else ""
    if _NO_BUCKET.search(text):
        return NotFound(f"[STORAGE_NOT_FOUND] The bucket that {what} lies in does not exist{told}.", code="STORAGE_NOT_FOUND")
    if isinstance(error, FileNotFoundError):
        return NotFound(
            f"[DELTA_FILE_NOT_FOUND] A file of {what} is missing in object storage: it was deleted, or vacuumed while it was read.",
            code="DELTA_FILE_NOT_FOUND",
        )
    if _NO_CREDENTIALS.search(text) and "<Code>" not in text:
        return BadRequest(
            f"[STORAGE_ACCESS_DENIED] Headgate has no credentials for the object storage of {what}, or cannot fetch them.",
            code="STORAGE_ACCESS_DENIED",
        )
    if re.search(r"\b40[13] [A-Z]|privileges|Unauthenticated", text):
        return BadRequest(f"[STORAGE_ACCESS_DENIED] Object storage refuses Headgate's credentials for {what}{told}.", code="STORAGE_ACCESS_DENIED")
    reason = next((words for pattern, words in _REASONS if pattern.search(text)), "the request failed")
    return Unavailable(f"[STORAGE_UNAVAILABLE] The object storage of {what} cannot be reached: {reason}{told}.", code="STORAGE_UNAVAILABLE")
