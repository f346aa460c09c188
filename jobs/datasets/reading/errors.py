"""The errors of a step, which become a DatasetFileError with the file's name."""


class NoListError(ValueError):
    """A JSON document is damaged, or holds no list; the message is the rest of a sentence."""
