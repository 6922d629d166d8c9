"""A request body that was checked: what Headgate acts on, and where it is in the bytes that are sent. Decides nothing."""

from typing import Final, final

import msgspec

from headgate.dialects.scan import spell, splice

_SETTING_BYTES_MAX: Final = 256

Span = tuple[int, int]
Fields = dict[str, msgspec.Raw]
Spans = dict[str, Span]


@final
class Asked:
    """A request body that was checked, and where to splice it. Each change makes another one; `let_go` empties it.

    `model_span` is the byte range of the model's JSON string (quotes included) in `body`, or `None` where the model is in the path (Gemini).
    `fields` are the top-level fields, undecoded, `spans` where they are in the body. The bytes that were checked are sent: `body` is never re-serialised.
    """

    __slots__ = (
        "body",
        "fields",
        "mixed",
        "model",
        "model_span",
        "otherwise",
        "output_max",
        "spans",
        "stream",
        "text_length",
        "usage_hidden",
    )

    def __init__(self, body: bytes, model: str, model_span: Span | None, fields: Fields, spans: Spans, *, stream: bool) -> None:
        self.body = body
        self.model = model
        self.model_span = model_span
        self.fields = fields
        self.spans = spans
        self.stream = stream
        self.usage_hidden = False  # we ask the provider for usage that the client did not ask for, and hide it
        self.output_max = 0  # a bound on its output that the body lacks, and that is put in when it is known which model is asked
        self.mixed = False  # the body is of several dialects (Cursor): it is translated for every provider
        self.text_length = -1  # of a request that was let go of, where an estimate may need it
        self.otherwise: Asked | None = None  # the request as it is meant where no endpoint has exactly the model's name (Cursor derives names)

    def with_model(self, model_sent: str) -> bytes:
        """The body with another model name in it, if there is one in it."""
        return self.body if self.model_span is None else splice(self.body, self.model_span, spell(model_sent))

    def with_body(self, body: bytes, model_span: Span | None, fields: Fields, spans: Spans) -> "Asked":
        """The request with another body."""
        made = Asked(body, self.model, model_span, fields, spans, stream=self.stream)
        made.usage_hidden = self.usage_hidden
        made.output_max = self.output_max
        made.mixed = self.mixed
        made.text_length = self.text_length
        made.otherwise = self.otherwise
        return made

    def with_fields(self, fields: Fields) -> "Asked":
        """The request as if its body had these fields alone."""
        return self.with_body(self.body, self.model_span, fields, self.spans)

    def with_spans(self, spans: Spans) -> "Asked":
        """The request with these places of its fields."""
        return self.with_body(self.body, self.model_span, self.fields, spans)

    def with_output_max(self, output_max: int) -> "Asked":
        """The request with a bound on its output that is still to be put into its body; 0: with none."""
        made = self.with_fields(self.fields)
        made.output_max = output_max
        return made

    def without_usage(self) -> "Asked":
        """The request without the ask for usage that the client did not make."""
        made = self.with_fields(self.fields)
        made.usage_hidden = False
        return made

    def as_mixed(self) -> "Asked":
        """The request as one of several dialects, to which no ask for usage is added."""
        made = self.without_usage()
        made.mixed = True
        return made

    def or_otherwise(self, otherwise: "Asked") -> "Asked":
        """The request, with the one that is meant where no endpoint has its model's name."""
        made = self.with_fields(self.fields)
        made.otherwise = otherwise
        return made


def let_go(asked: Asked, text_length: int = -1) -> None:
    """Empty a request that is sent no more, so that its bytes are held by nothing that still holds the object. Short fields stay: they are settings."""
    if not asked.body:
        return
    asked.body, asked.spans, asked.model_span, asked.otherwise = b"", {}, None, None
    asked.fields = {name: msgspec.Raw(bytes(field)) for name, field in asked.fields.items() if len(bytes(field)) <= _SETTING_BYTES_MAX}
    asked.text_length = text_length
