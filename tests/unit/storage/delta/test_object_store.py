"""What a store's failure means, in words without its secrets."""

import pytest

from headgate.storage.delta.object_store import explained, is_remote

S3 = "Kernel error -> Generic S3 error\n  \x1b[31m↳\x1b[0m Error performing GET http://10.0.0.7:9000/b/t/_delta_log?X-Amz-Signature=5ec4e7 in 3ms"
REFUSED = f"{S3} - Server returned non-2xx status code\n 403 Forbidden\n <Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA5EC4E7</AWSAccessKeyId>"
TOKEN = (
    "Generic GCS error\n Error performing token request\n Error performing GET http://169.254.169.254/computeMetadata/v1/token in 1ms - 403 Forbidden"
)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(REFUSED), "STORAGE_ACCESS_DENIED", "refuses Headgate's credentials for a.b.c (403, SignatureDoesNotMatch)."),
        (
            PermissionError("The operation lacked the necessary privileges\n 401 Unauthorized"),
            "STORAGE_ACCESS_DENIED",
            "credentials for a.b.c (401).",
        ),
        (OSError(TOKEN), "STORAGE_ACCESS_DENIED", "has no credentials for the object storage of a.b.c"),
        (
            OSError(f"{S3}\n 404 Not Found\n <Error><Code>NoSuchBucket</Code>"),
            "STORAGE_NOT_FOUND",
            "bucket that a.b.c lies in does not exist (404, NoSuchBucket).",
        ),
        (FileNotFoundError(f"Object at location t/x.parquet not found {S3}"), "DELTA_FILE_NOT_FOUND", "A file of a.b.c is missing"),
        (
            OSError(
                f"{S3}, after 2 retries, max_retries\n 2, retry_timeout\n 20s  - HTTP error\n tcp connect error\n Connection refused (os error 111)"
            ),
            "STORAGE_UNAVAILABLE",
            "the connection is refused.",
        ),
        (OSError(f"{S3}, after 2 retries - HTTP error\n operation timed out"), "STORAGE_UNAVAILABLE", "it does not answer in time."),
        (OSError(f"{S3}\n dns error: failed to lookup address information"), "STORAGE_UNAVAILABLE", "its name cannot be found."),
        (OSError(f"{S3}\n 503 Service Unavailable\n <Code>SlowDown</Code>"), "STORAGE_UNAVAILABLE", "the request failed (503, SlowDown)."),
        (OSError(""), "STORAGE_UNAVAILABLE", "the request failed."),
    ],
)
def test_a_failure_has_a_code_and_words_of_ours(error, code, words):
    """What to do about it can be told; addresses, key ids, signatures and colours of a terminal cannot."""
    told = explained(error, "a.b.c")

    assert told.code == code
    assert words in told.message
    assert not any(secret in told.message for secret in ("10.0.0.7", "169.254", "http", "5ec4e7", "AKIA", "\x1b"))


def test_only_urls_of_stores_are_remote():
    """A place of this machine may be written as a URL too."""
    assert [is_remote(each) for each in ("s3://b/t", "abfss://c@a/t", "/t", "file:///t")] == [True, True, False, False]
