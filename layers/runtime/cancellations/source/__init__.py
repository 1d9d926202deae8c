"""From the bytes of a delivery to a request: verify, parse, map. Pure; nothing is believed before it is verified."""
