"""What is read of Anthropic's answers, a frame or a whole one."""

import msgspec


class AnswerMembers(msgspec.Struct):
    """The members of a frame or of a whole answer that are read."""

    type: object = None
    id: object = None
    model: object = None
    message: object = None
    delta: object = None
    usage: object = None
    stop_reason: object = None
    error: object = None
    error_code: object = None  # Databricks' error bodies
