"""The vision worker: the one process that sees pixels, and the gateway's grip on it."""
