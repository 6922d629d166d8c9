r"""What looks like a key, a token or a password, taken out of content before it is stored. Pure: text in, text out.

The patterns are those of the issuers' own documentation. No pattern uses `\b`: in JSON text a newline is the two characters `\n`, so a key may directly
follow a letter.

The time is linear in the length of the text: no pattern reads a character again that it has already rejected. No step is long, because a step blocks every
other thread: a text is searched in windows that overlap by more than the longest secret.
"""

import re
from collections.abc import Iterable

import msgspec

REDACTED = "<REDACTED>"
WINDOW_CHARS = 64 << 10
OVERLAP_CHARS = 9 << 10  # longer than anything that a pattern matches
_DEPTH_MAX = 128
_PASSED = "passed"  # the group of a match that is no secret, only read

# What begins like one of these is a secret, whatever comes after: a piece of text that each contains, and the pattern.
_ISSUED = (
    ("hg_", r"hg_[0-9A-Za-z]{49}"),  # Headgate
    ("sk-", r"sk-[A-Za-z0-9_-]{20,250}"),  # Anthropic, OpenAI and those who copy them
    ("AKIA", r"AKIA[0-9A-Z]{16}"),  # Amazon
    ("ASIA", r"ASIA[0-9A-Z]{16}"),
    ("gh", r"gh[pousr]_[A-Za-z0-9]{36,251}"),  # GitHub
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{22,244}"),
    ("glpat-", r"glpat-[A-Za-z0-9_-]{20,64}"),  # GitLab
    ("xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),  # Slack
    ("AIza", r"AIza[0-9A-Za-z_-]{35}"),  # Google
    ("dapi", r"dapi[0-9a-f]{32}"),  # Databricks
    ("npm_", r"npm_[A-Za-z0-9]{36}"),
    ("pypi-AgEI", r"pypi-AgEI[A-Za-z0-9_-]{50,250}"),
    ("k_live_", r"[sr]k_live_[0-9A-Za-z]{24,99}"),  # Stripe
    # JSON web tokens. What begins like one and is none is passed over whole: it may hold the same beginning thousands of times.
    (
        "eyJ",
        r"eyJ[A-Za-z0-9_-]{10,2000}+\.eyJ[A-Za-z0-9_-]{10,4000}+\.[A-Za-z0-9_-]{10,2000}+|(?P<passed>eyJ[A-Za-z0-9_-]*+)",
    ),
    ("PRIVATE KEY-----", r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----[^-\"]{0,8000}+(?:-----END (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----)?"),
)
# The text after one of these words is a secret; the words stay.
_NAMED = (
    ("earer ", r"(earer )[A-Za-z0-9._~+/=-]{20,2000}+"),
    ("aws_secret_access_key", r"(aws_secret_access_key ?[=:] ?)[A-Za-z0-9/+]{40}"),
    ("://", r"(://)[^\s/:@\"'\\]{1,64}+:[^\s/:@\"'\\]{1,128}+(?=@)"),  # user:password in a URL
)


class Rule(msgspec.Struct, frozen=True):
    """One pattern, what it is replaced by, and a piece of text without which it matches nothing: looking for that costs a hundredth.

    With `whole` the text is looked through at once: what an administrator's own pattern matches may be of any length.
    """

    needs: str
    pattern: re.Pattern[str]
    replacement: str = REDACTED
    whole: bool = False

    def applied(self, text: str) -> str:
        """The text without what the pattern matches; the very same text if there is nothing."""
        if self.needs not in text:
            return text
        if self.whole:
            return self.pattern.sub(self.replacement, text)
        out: list[str] = []
        at = done = 0
        while at < len(text):
            end = min(at + WINDOW_CHARS, len(text))
            # What begins behind `last` may not end in this window: the next one begins there.
            last = end if end == len(text) else end - OVERLAP_CHARS
            if text.find(self.needs, at, end) >= 0:
                done = self._window(text, (at, end, last), out, done)
            at = max(last, done)
        return "".join((*out, text[done:])) if out else text

    def _window(self, text: str, window: tuple[int, int, int], out: list[str], done: int) -> int:
        """Add what comes before each match and its replacement; where the last one ended."""
        at, end, last = window
        for found in self.pattern.finditer(text, at, end):
            if found.start() >= last:
                break
            if found.lastgroup != _PASSED:
                out += [text[done : found.start()], found.expand(self.replacement)]
                done = found.end()
        return done


class Redactor(msgspec.Struct, frozen=True):
    """Compiled rules; made with `compile_redactor`."""

    rules: tuple[Rule, ...]

    def text(self, text: str) -> str:
        """The text without what the rules match; the very same text if there is nothing."""
        for rule in self.rules:
            text = rule.applied(text)
        return text

    def value(self, value: object) -> object:
        """A JSON value without what the rules match in any of its texts; the very same value if there is nothing. Keys stay as they are."""
        return self._value(value, 0)

    def _value(self, value: object, depth: int) -> object:
        if isinstance(value, str):
            return self.text(value)
        if depth > _DEPTH_MAX:  # nested too deeply to be searched
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
    issued = [Rule(needs, re.compile(pattern)) for needs, pattern in _ISSUED if secrets]
    named = [Rule(needs, re.compile(pattern), rf"\g<1>{REDACTED}") for needs, pattern in _NAMED if secrets]
    own = [Rule("", re.compile(pattern), whole=True) for pattern in patterns]
    return Redactor((*issued, *named, *own)) if issued or own else None
