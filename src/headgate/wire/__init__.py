"""What inbound and outbound HTTP share below their protocols: when bytes are sent, and how a head is written. It knows no exchange."""
