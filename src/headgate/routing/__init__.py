"""From the model that a client asked for to the endpoint and its targets. Pure."""
