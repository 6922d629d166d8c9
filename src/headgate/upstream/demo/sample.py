"""Makes the smallest value that a JSON Schema allows, for forced tools and structured answers. Bounded in depth, never raises."""

import msgspec

DEPTH_MAX = 8
BY_TYPE: dict[str, object] = {"string": "demo", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}, "null": None}


def sample_json(schema: object) -> str:
    """A sample as JSON text."""
    return msgspec.json.encode(sample(schema)).decode()


def sample(schema: object, depth: int = 0) -> object:
    """A value of the schema: its first enum value, default or constant; of objects only what is required."""
    if not isinstance(schema, dict) or depth > DEPTH_MAX:
        return "demo"
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "anyOf", "oneOf", "allOf"):
        choices = schema.get(key)
        if isinstance(choices, list) and choices:
            return choices[0] if key == "enum" else sample(choices[0], depth + 1)
    return _of_type(schema, depth)


def _of_type(schema: dict[str, object], depth: int) -> object:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    word = str(kind or ("object" if "properties" in schema else "string")).lower()  # Gemini writes its types in capitals
    properties = schema.get("properties")
    if word == "object" and isinstance(properties, dict):
        required = schema.get("required")
        names = [name for name in required if name in properties] if isinstance(required, list) else list(properties)
        return {name: sample(properties[name], depth + 1) for name in names}
    if word == "array" and schema.get("minItems"):
        return [sample(schema.get("items"), depth + 1)]
    return BY_TYPE.get(word, "demo")
