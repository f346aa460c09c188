"""The metrics of the encoder, for Flink's reporters."""

from dataclasses import replace
from typing import Any

from udfs.encoder import Kind
from udfs.text_vectors import TextCounts

GROUP = "interestream"
"""Flink's metric group, that of all metrics of the job (`jobs.metrics.metric`)."""


class EncoderMetrics:
    """Counters by kind of text; `group` is a metric group of Flink.

    The function runs in a process of its own, whose counters go to Java with each bundle of rows.
    There a distribution is no number that reporters can send, so there are counters alone.
    """

    def __init__(self, group: Any, kind: Kind) -> None:
        own = group.add_group(GROUP).add_group("kind", kind)
        self._texts = own.counter("texts")
        self._encoded = own.counter("texts_encoded")
        self._cache_hits = own.counter("cache_hits")
        self._time_ms = own.counter("encode_time_ms")
        self._before = TextCounts()
        self._reported_ms = 0
        for counter in (self._texts, self._encoded, self._cache_hits, self._time_ms):
            counter.inc(0)

    def report(self, counts: TextCounts) -> None:
        """Report what was added to the counts since the last call."""
        before, self._before = self._before, replace(counts)
        texts, encoded = counts.texts - before.texts, counts.encoded - before.encoded
        self._texts.inc(texts)
        self._encoded.inc(encoded)
        self._cache_hits.inc(texts - encoded)
        time_ms = int(counts.encode_s * 1000)
        self._time_ms.inc(time_ms - self._reported_ms)
        self._reported_ms = time_ms
