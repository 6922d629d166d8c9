"""What looks like a key, a token or a password, taken out of content before it is stored. Pure: text in, text out.

The patterns are those of the issuers' own documentation. Each matches in time linear to the text, and none needs a word to begin before it: inside of
JSON a line break is written as a letter.
"""

import re
from collections.abc import Iterable

import msgspec

REDACTED = "<REDACTED>"
_DEPTH_MAX = 128

# What begins like one of these is a secret, whatever comes after.
_ISSUED = (
    r"hg_[0-9A-Za-z]{49}",  # Headgate
    r"sk-[A-Za-z0-9_-]{20,250}",  # Anthropic, OpenAI and those who copy them
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",  # Amazon
    r"gh[pousr]_[A-Za-z0-9]{36,251}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{22,244}",
    r"glpat-[A-Za-z0-9_-]{20,64}",  # GitLab
    r"xox[abeoprs]-[A-Za-z0-9-]{10,250}",  # Slack
    r"AIza[0-9A-Za-z_-]{35}",  # Google
    r"dapi[0-9a-f]{32}",  # Databricks
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-AgEI[A-Za-z0-9_-]{50,250}",
    r"[sr]k_live_[0-9A-Za-z]{24,99}",  # Stripe
    r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,2000}",  # JSON web tokens
    r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----[^-\"]{0,8000}(?:-----END (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----)?",
)
# What stands behind one of these words is one; the words stay.
_NAMED = (
    r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{20,2000}",
    r"(?<=aws_secret_access_key = )[A-Za-z0-9/+]{40}",
    r"(?<=aws_secret_access_key=)[A-Za-z0-9/+]{40}",
    r"(?<=://)[^\s/:@\"'\\]{1,64}:[^\s/:@\"'\\]{1,128}(?=@)",  # user:password in a URL
)


class Redactor(msgspec.Struct, frozen=True):
    """Compiled rules; made with `compile_redactor`."""

    pattern: re.Pattern[str]

    def text(self, text: str) -> str:
        """The text without what the rules match."""
        return self.pattern.sub(REDACTED, text)

    def value(self, value: object) -> object:
        """A JSON value without what the rules match in any of its texts; the very same value if there is nothing. Keys stay as they are."""
        return self._value(value, 0)

    def _value(self, value: object, depth: int) -> object:
        if isinstance(value, str):
            return self.pattern.sub(REDACTED, value) if value else value
        if depth > _DEPTH_MAX:  # nobody looked into it
            return REDACTED if isinstance(value, (dict, list)) else value
        if isinstance(value, dict):
            clean = {key: self._value(item, depth + 1) for key, item in value.items()}
            return value if all(clean[key] is item for key, item in value.items()) else clean
        if isinstance(value, list):
            items = [self._value(item, depth + 1) for item in value]
            return value if all(item is before for item, before in zip(items, value, strict=True)) else items
        return value


def compile_redactor(patterns: Iterable[str], *, secrets: bool) -> Redactor | None:
    """Rules from regular expressions, with what looks like a secret if so asked. `None` if nothing is to be redacted."""
    wanted = [*(_ISSUED + _NAMED if secrets else ()), *patterns]
    return Redactor(re.compile("|".join(f"(?:{pattern})" for pattern in wanted))) if wanted else None
