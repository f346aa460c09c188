"""Answers to requests in words: the rules of languages, the plan, the encoder, the answer."""
