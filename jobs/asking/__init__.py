"""Answers to requests in words: rules of languages, what the catalogue has names for, the answer."""
