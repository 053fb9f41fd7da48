"""A demonstration ward: twelve simulated rooms through the real gateway, broker and station."""
