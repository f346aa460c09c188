"""Gives a space its sentences of known sentiment, and encodes the new ones."""

import hashlib
from collections.abc import Collection

import psycopg

from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from jobs.texts.packaged import languages, sentences_of
from jobs.texts.space_encoder import SpaceEncoder


def sync_sentences(connection: psycopg.Connection, encoder: SpaceEncoder) -> int:
    """Encode the sentences of the space that are new or changed; return how many there were.

    A space without sentences first gets some. In a language that its model understands they are
    copied from the active space, or from the package if the active space has none. In any other
    language they are the packaged ones, as neutral sentences.

    Raises ConfigError when the bundle is not the space's, and udfs.errors.UdfError when it cannot
    be used.
    """
    space_id = encoder.space_id
    (count,) = connection.execute(
        "SELECT count(*) FROM interestream.sentiment_prototypes WHERE space_id = %s", (space_id,)
    ).fetchone() or (0,)
    if not count:
        _insert_initial(connection, space_id, encoder.manifest.languages)
    stale = connection.execute(
        "SELECT language, text FROM interestream.sentiment_prototypes WHERE space_id = %s"
        " AND text_sha256 IS DISTINCT FROM sha256(convert_to(text, 'UTF8'))"
        " ORDER BY language, text",
        (space_id,),
    ).fetchall()
    if stale:
        texts = [text for _, text in stale]
        register_halfvectors(connection)
        connection.execute(
            "UPDATE interestream.sentiment_prototypes AS p"
            " SET embedding = n.embedding, text_sha256 = n.text_sha256"
            " FROM unnest(%s::text[], %s::text[], %s, %s::bytea[])"
            " AS n (language, text, embedding, text_sha256)"
            " WHERE p.space_id = %s AND p.language = n.language AND p.text = n.text",
            (
                [language for language, _ in stale],
                texts,
                HalfVectors(encoder.encode(texts)),
                [hashlib.sha256(text.encode()).digest() for text in texts],
                space_id,
            ),
        )
    return len(stale)


def _insert_initial(
    connection: psycopg.Connection, space_id: int, understood: Collection[str]
) -> None:
    for language in sorted({*understood, *languages()}):
        if language in understood and _copy_from_active_space(connection, space_id, language):
            continue
        packaged = sentences_of(language, understood)
        connection.execute(
            "INSERT INTO interestream.sentiment_prototypes (space_id, language, polarity, text)"
            " SELECT %s, %s, n.polarity, n.text FROM unnest(%s::smallint[], %s::text[])"
            " AS n (polarity, text) ON CONFLICT DO NOTHING",
            (
                space_id,
                language,
                [sentence.polarity for sentence in packaged],
                [sentence.text for sentence in packaged],
            ),
        )


def _copy_from_active_space(connection: psycopg.Connection, space_id: int, language: str) -> bool:
    """Copy the active space's sentences of a language, if it has any that are not neutral.

    Neutral sentences alone mean that the active space's model does not understand the language.
    Returns whether sentences were copied.
    """
    inserted = connection.execute(
        "INSERT INTO interestream.sentiment_prototypes (space_id, language, polarity, text)"
        " SELECT %(space)s, p.language, p.polarity, p.text"
        " FROM interestream.sentiment_prototypes AS p"
        " JOIN interestream.spaces AS s ON s.space_id = p.space_id"
        " WHERE s.active AND s.space_id <> %(space)s AND p.language = %(language)s AND EXISTS ("
        "   SELECT FROM interestream.sentiment_prototypes AS o WHERE o.space_id = s.space_id"
        "   AND o.language = p.language AND o.polarity <> 0)"
        " ON CONFLICT DO NOTHING",
        {"space": space_id, "language": language},
    )
    return inserted.rowcount > 0
