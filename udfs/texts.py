"""Make any string safe for the tokenizer, the same way everywhere."""

import re

CHARACTERS_PER_TOKEN = 64
"""Text beyond this many characters per token of the longest input is cut before tokenising.

Natural text has 2 to 6 characters a token, so nothing that would be encoded is lost, and a
megabyte of text costs no more than a page.
"""

_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str, max_tokens: int) -> str:
    r"""Cut a text to what can reach the model, and replace characters that UTF-8 cannot encode.

    >>> clean("a lone surrogate: \ud800", 8)
    'a lone surrogate: \ufffd'
    """
    return _SURROGATES.sub("\ufffd", text[: max_tokens * CHARACTERS_PER_TOKEN])
