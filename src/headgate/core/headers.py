"""The shape of HTTP headers everywhere in Headgate. It does not say which headers cross the gateway."""

Headers = list[tuple[bytes, bytes]]  # names in lower case, in the order of the message
