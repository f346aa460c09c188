"""What a person asks in words: understood by rules that are data, without a database or a model."""
