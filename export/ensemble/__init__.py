"""Several bundles as one graph."""
