"""Sentences of known sentiment and named topics: packaged texts, their vectors in a space."""
