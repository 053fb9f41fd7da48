"""A network that tells faces apart, to a bundle that the daemon recognises its resident with."""
