"""What was said in one request, as far as it is kept."""

import json

from headgate.web.ui.payload_reading import Bodies, Kept
from headgate.web.ui.said_in_request import said_in_request

CALL = {"type": "tool_use", "id": "t1", "name": "Read", "input": {}}
TALK = [
    {"role": "user", "content": "Fix it"},
    {"role": "assistant", "content": [{"type": "text", "text": "Looking."}, CALL]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "code"}]},
]


def said(messages, answer=None, **more):
    """The texts of what came before, what is latest, and the answer."""
    body = {"system": "Be brief.", "messages": messages, **more}
    kept = Kept(bodies={"req_1": Bodies(request=json.dumps(body), response=json.dumps(answer or {}))})
    found = said_in_request(kept, "req_1", "anthropic")
    return [[each.part.name or each.part.text for each in part] for part in (found.before, found.latest, found.answered)], found


def test_the_latest_is_what_follows_the_last_answer():
    """A prompt; or, where only results of tools follow, the answer with its calls."""
    prompt = {"role": "user", "content": "And that"}
    assert said(TALK[:1])[0] == [["Be brief."], ["Fix it"], []]
    assert said([*TALK, prompt], {"content": [{"type": "text", "text": "Yes."}]})[0] == [
        ["Be brief.", "Fix it", "Looking.", "Read"],
        ["And that"],
        ["Yes."],
    ]
    texts, found = said(TALK)
    assert texts == [["Be brief.", "Fix it"], ["Looking.", "Read"], []]
    assert found.latest[1].result.text == "code"


def test_a_long_conversation_is_bounded():
    """The last parts are shown, and how many are not is said."""
    _, found = said([{"role": "user", "content": f"{number}"} for number in range(700)])
    assert (len(found.before), len(found.latest), found.left_out) == (1, 300, 0)
    _, found = said([{"role": "user", "content": f"{number}"} for number in range(700)] + TALK[1:2] + TALK[:1])
    assert (len(found.before), found.left_out) == (300, 403)


def test_what_is_not_kept_or_not_read():
    """It says so; a body that is no JSON is a text in the file."""
    assert said_in_request(Kept(missing="Not kept."), "req_1", "anthropic").missing == "Not kept."
    odd = said_in_request(Kept(bodies={"req_1": Bodies(request="{broken", response="")}), "req_1", "anthropic")
    assert odd.unread
    assert json.loads(odd.json()) == {"request": "{broken", "response": ""}
    assert said_in_request(Kept(bodies={"req_1": Bodies(large=True)}), "req_1", "nothing").unread
