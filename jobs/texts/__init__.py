"""Sentiment sentences and topics of a space: the packaged ones, their vectors, and their rows."""
