"""Measure graphs against the reference, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from model_export.quantise.calibration import Batch
from model_export.quantise.plain_session import plain_session
from model_export.search.footprint import measure_footprint
from model_export.search.invariance import measure_invariance
from model_export.search.measurement import Measurement
from model_export.search.pairs import Pairs
from model_export.search.similarity import Vectors, cosines, neighbour_overlap, rank_correlation
from model_export.search.speed import LENGTHS, compare_speed
from udfs.batching import pad, plan_batches
from udfs.bundle import Manifest
from udfs.encoder import Encoder
from udfs.texts import clean

FEWEST_FOR_OVERLAP = 50
"""Kinds with fewer texts have no overlap of their own: ten neighbours among them mean little."""
_RUNTIME_BATCH = 32
_RUNTIME_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Effort:
    """How closely graphs are measured."""

    turns: int = 7
    """Turns of measuring speed."""
    workload_texts: int = 300
    """Texts of a turn."""
    company_texts: int = 120
    """Texts that are encoded alone and in company."""
    cells: bool = True
    """Whether speed is also measured by length and size of batches."""


class Judge:
    """Measures graphs against a reference, which stays open as a session."""

    def __init__(
        self,
        reference: Path,
        manifest: Manifest,
        tokenizer_file: Path,
        judging: Mapping[str, Sequence[str]],
        *,
        pairs: Pairs | None = None,
        effort: Effort = Effort(),
        seed: int = 0,
    ) -> None:
        self._reference = plain_session(reference, threads=1)
        self._manifest = manifest
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._judging = judging
        self._pairs = pairs
        self._effort = effort
        self._seed = seed
        texts = [text for some in judging.values() for text in some]
        rng = np.random.default_rng(seed)
        shuffled = [texts[position] for position in rng.permutation(len(texts))]
        self._workload = batches_of(shuffled[: effort.workload_texts], manifest, self._tokenizer)
        self._company = shuffled[: effort.company_texts]
        self._lengths = [n for n in LENGTHS if n <= manifest.max_tokens and effort.cells]
        self._wanted = self._vectors(self._reference)

    def measure(self, name: str, what: str, graph: Path, made_s: float) -> Measurement:
        """Measure everything that the gate and the report need of a graph.

        `made_s` is the processor time that making it took.
        """
        session = plain_session(graph, threads=1)
        got = self._vectors(session)
        similarity = np.concatenate([cosines(got[kind], self._wanted[kind]) for kind in got])
        large = [kind for kind in got if len(got[kind]) >= FEWEST_FOR_OVERLAP] or [*got]
        return Measurement(
            name=name,
            what=what,
            mean_cosine=float(similarity.mean()),
            min_cosine=float(similarity.min()),
            overlap_by_kind={
                kind: neighbour_overlap(got[kind], self._wanted[kind]) for kind in large
            },
            invariance=measure_invariance(
                self._manifest, session, self._tokenizer, self._company, self._seed
            ),
            speed=compare_speed(
                self._reference,
                session,
                self._workload,
                turns=self._effort.turns,
                lengths=self._lengths,
            ),
            footprint=measure_footprint(graph),
            size_mb=sum(file.stat().st_size for file in graph.parent.iterdir()) / 1e6,
            rank_correlation=(
                None
                if self._pairs is None
                else rank_correlation(self._encoder(session), self._pairs)
            ),
            made_s=made_s,
        )

    def _encoder(self, session: object) -> Encoder:
        return Encoder(self._manifest, session, self._tokenizer, batch_size=_RUNTIME_BATCH)

    def _vectors(self, session: object) -> dict[str, Vectors]:
        encoder = self._encoder(session)
        return {kind: encoder.encode(texts, "document") for kind, texts in self._judging.items()}


def batches_of(texts: Sequence[str], manifest: Manifest, tokenizer: Tokenizer) -> list[Batch]:
    """Return documents in batches of ids and mask, as the runtime would make them."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    prompt = manifest.prompts.document
    encoded = tokenizer.encode_batch_fast([clean(prompt + t, manifest.max_tokens) for t in texts])
    ids = [one.ids or [manifest.pad_token_id] for one in encoded]
    plan = plan_batches([len(one) for one in ids], _RUNTIME_BATCH, _RUNTIME_TOKENS)
    return [pad([ids[position] for position in part], manifest.pad_token_id) for part in plan]
