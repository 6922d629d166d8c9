"""What a dialect can say of a request, whatever the model. Data: each provider's codec has its own."""

import msgspec


class DialectTraits(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider of this dialect can be asked, whatever its model: `translation` prepares a conversation by it, so that the encoder need not.

    `family` is that of its opaque states. Names and ids that do not match their pattern, or are longer, are replaced.
    """

    dialect: str  # its word: `anthropic`, `openai_chat`, …
    family: str
    system_in_place: bool  # system turns between the others
    alternates: bool  # user and assistant turns take turns, a user's first; empty texts are refused
    results_first: bool  # all results of a turn's calls come next, before anything else
    custom_tools: bool
    namespaces: bool
    openai_tools: bool  # tool search, shells, apply_patch
    result_media: bool
    name_pattern: str  # of tools
    name_length_max: int
    call_id_pattern: str
    call_id_length_max: int
    stops_max: int  # stop sequences; 0: none
    web_search: bool = True  # has a tool that searches the web, whatever the client calls its own
    thinking_states: bool  # takes thoughts back with their states
    argument_objects: bool  # arguments of calls are JSON objects, not text with JSON in it
    result_errors: bool  # a result can say that the tool failed
    allowed_tools: bool  # the choice can be among some of the tools
    many_answers: bool  # more than one answer to a request
    log_probabilities: bool
    json_object: bool  # "some JSON object" as the form of the answer
    cache_marks: bool  # what a prompt cache holds is marked by the client
    temperature_max: float
    output_tokens_required: bool  # a request must bound its output
    output_tokens_min: int  # the smallest bound; 0: none
