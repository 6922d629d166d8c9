"""The form of an endpoint: what it shows of a document, and the document that it states."""

from urllib.parse import urlencode

import pytest

from headgate.admin.object_edit import NotValid
from headgate.core.errors import BadRequest
from headgate.web.ui.endpoint_form import EndpointForm, TargetRow, document_of, form_of, form_sent, refused, with_more_rows
from headgate.web.ui.fields import Fields

WHOLE = {
    "name": "house",
    "targets": [{"provider": "lab", "model": "a", "traffic_percent": 70}, {"provider": "spare", "traffic_percent": 30}],
    "fallbacks": [{"provider": "spare", "model": "b"}],
    "display_name": "House",
    "first_token_timeout_s": 2.5,
    "retry_budget_percent": 10,
    "max_output_tokens": 4000,
    "allowed_tools": ["mcp__*", "Bash"],
    "allowed_betas": [],
    "tags": {"team": "web", "empty": ""},
    "usage_tracking": False,
    "payload_table": "main.default.coding",
    "payload_sampling": 0.5,
    "payload_paused": True,
}


def sent(form: EndpointForm) -> EndpointForm:
    """The form as a browser sends it back."""
    fields: list[tuple[str, str]] = [("name", form.name), ("tags", form.tags), ("etag", form.etag), *form.texts.items()]
    for row in form.targets:
        fields += [("target_provider", row.provider), ("target_model", row.model), ("target_percent", row.percent)]
    for row in form.fallbacks:
        fields += [("fallback_provider", row.provider), ("fallback_model", row.model)]
    for each in form.lists:
        fields += [(f"{each.name}_choice", each.choice), (each.name, each.text)]
    fields += [(name, "on") for name in ("usage_tracking", "payload_paused") if getattr(form, name)]
    return form_sent(Fields.parse(urlencode(fields)))


@pytest.mark.parametrize("document", [WHOLE, {"name": "small", "targets": [{"provider": "lab"}]}], ids=["whole", "small"])
def test_a_document_comes_back_as_it_was(document) -> None:
    """Shown in the form and sent without a change, it is the same; what it does not state is not stated then."""
    assert document_of(sent(form_of(document, "7"))) == document
    assert sent(form_of(document, "7")).etag == "7"


def test_rows_that_are_empty_are_left_out() -> None:
    """A row with a model alone is not empty: the check says what it lacks."""
    form = sent(EndpointForm(name="x", targets=(TargetRow(), TargetRow("lab", " m ", "50"), TargetRow("", "m")), texts=form_of({}).texts))
    assert document_of(form)["targets"] == [{"provider": "lab", "model": "m", "traffic_percent": 50}, {"provider": "", "model": "m"}]


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("2.5", 2.5), ("many", "many"), ("nan", "nan"), ("-1", -1.0)])
def test_numbers(text: str, value: object) -> None:
    """What is no number stays text, for the check to refuse."""
    form = form_of({"name": "x"})
    assert document_of(sent(_with(form, text)))["max_output_tokens"] == value


def _with(form: EndpointForm, text: str) -> EndpointForm:
    return EndpointForm(name=form.name, texts={**form.texts, "max_output_tokens": text}, lists=form.lists)


def test_each_reason_is_at_its_field() -> None:
    """Of rows by their index, of lists at the list; what names no field of the form is shown above it."""
    wrong = (
        "targets[0].provider: no provider is named 'lap'",
        "targets: must add up to 100",
        "name: is taken",
        "allowed_tools[1]: is no pattern",
        "allowed_tools[2]: nor is this",
        "odd: is unknown",
        "cannot be so",
    )
    error = NotValid("endpoint", wrong)
    form = refused(sent(form_of(WHOLE)), error, error.message)
    assert form.wrong == {
        "targets[0].provider": "no provider is named 'lap'",
        "targets": "must add up to 100",
        "name": "is taken",
        "allowed_tools": "is no pattern; nor is this",
    }
    assert form.problem == "odd: is unknown; cannot be so"
    other = BadRequest("Endpoint 'house' exists already.")
    assert refused(sent(form_of(WHOLE)), other, other.message).problem == "Endpoint 'house' exists already."


def test_more_rows() -> None:
    """Within what an endpoint may have; what is filled in stays."""
    form = with_more_rows(sent(form_of(WHOLE)))
    assert (len(form.targets), len(form.fallbacks)) == (6, 5)
    assert form.targets[0].provider == "lab"
    full = EndpointForm(targets=tuple(TargetRow("lab", str(number)) for number in range(10)))
    assert len(with_more_rows(full).targets) == 10
