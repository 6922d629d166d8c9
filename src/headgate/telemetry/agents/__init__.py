"""How each agent's telemetry names things. Facts as data, one module an agent; nothing here reads a message."""
