"""What it means for a model that its vectors are brought to length 1."""

import re

from model_export.source.sentence_config import SETTINGS_FILE, SentenceConfig

_DOT_PRODUCT_MODELS = re.compile(r".*-dot(-.*)?|.*-tas-b|contriever.*|.*-contriever(-.*)?")
"""Last parts of the names of models that are compared by the dot product of raw vectors."""

_MEASURES = {
    "dot": "dot product",
    "euclidean": "Euclidean distance",
    "manhattan": "Manhattan distance",
}


def similarity_note(stated: SentenceConfig, model_name: str) -> str | None:
    """Return what a person should know of a model whose vectors' lengths meant something.

    None for models that are compared by the cosine, or that normalise their vectors themselves.
    """
    if stated.normalises:
        return None
    if stated.similarity in (None, ""):
        last = model_name.rpartition("/")[2].lower()
        if not _DOT_PRODUCT_MODELS.fullmatch(last):
            return None
        kind, source = "dot", f"known by the model's name {model_name}"
    else:
        kind, source = str(stated.similarity), f"similarity_fn_name in {SETTINGS_FILE}"
    if kind not in _MEASURES:
        return None
    return (
        f"trained for the {_MEASURES[kind]} ({source}): the bundle's vectors have length 1 and "
        "are compared by the cosine, so what the model says by a vector's length is lost, and its "
        "makers' figures do not hold; a model trained for the cosine suits better"
    )
