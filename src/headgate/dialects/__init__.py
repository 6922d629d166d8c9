"""Wire formats, sans I/O: bytes in, values out. No dialect imports another; none knows a clock, a socket or a setting."""
