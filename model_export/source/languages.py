"""The languages that a model understands, as codes of ISO 639-1."""

import re

_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy "
    "hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg "
    "li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
CODES = frozenset(_CODES.split())
"""All codes of ISO 639-1."""

ASSUMED = ("en",)
"""What is assumed of a model of which nothing is said."""


def parse_languages(text: str) -> tuple[str, ...]:
    """Return the codes of a list such as `en,de,zh`, each once.

    Raises ValueError, whose message says what to write, for an empty part and for a code that
    ISO 639-1 does not have.

    >>> parse_languages("en, de,zh")
    ('en', 'de', 'zh')
    """
    codes: dict[str, None] = {}
    for part in text.split(","):
        code = part.strip().lower()
        if not code:
            raise ValueError(f"{text!r} has an empty part; write codes as en,de,zh")
        language = re.split("[-_]", code)[0]
        if code not in CODES and language in CODES:
            raise ValueError(f"{part.strip()!r} names a region; use {language}")
        if code not in CODES:
            raise ValueError(
                f"{part.strip()!r} is no code of ISO 639-1; write two letters, as en,de,zh"
            )
        codes[code] = None
    return tuple(codes)


def languages_note(stated: tuple[str, ...] | None) -> str:
    """Return a line that says what is taken for a model's languages, and why.

    >>> languages_note(("en", "zh"))
    'languages: en, zh, from --languages'
    """
    if stated is None:
        return (
            f"languages: {', '.join(ASSUMED)}, which is assumed, since --languages was not given "
            "(as en,de,zh)"
        )
    return f"languages: {', '.join(stated)}, from --languages"
