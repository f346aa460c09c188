"""Make every candidate, measure it, choose one."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenizers import Tokenizer

from model_export.errors import SearchError
from model_export.quantise.candidate_inputs import CandidateInputs
from model_export.quantise.candidates import CANDIDATES, REFERENCE, Candidate
from model_export.search.choose import Choice, choose
from model_export.search.gate import Gate
from model_export.search.judge import Effort, Judge, batches_of
from model_export.search.measurement import Measurement
from model_export.search.pairs import Pairs
from model_export.search.processor import Processor, this_processor
from model_export.search.texts import choose_texts
from udfs.bundle import MODEL_FILE, Manifest

QUICK_EFFORT = Effort(turns=3, workload_texts=150, company_texts=60, cells=False)


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a search."""

    only: tuple[str, ...] = ()
    """Names of the candidates; empty for all that suit the machine."""
    quick: bool = False
    """A few candidates, fewer texts and turns."""
    gate: Gate = field(default_factory=Gate)
    catalogue: tuple[str, ...] = ()
    """Texts of the catalogue that the encoder is for."""
    pairs: Pairs | None = None
    tuning_texts: int = 480
    """Texts to tune with."""
    judging_texts: int = 500
    """Texts to judge by, of each kind."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search measured and chose."""

    graph: Path
    """The chosen graph: `model.onnx` in a folder of its own, in the scratch folder."""
    choice: Choice
    measured: Sequence[Measurement]
    """The reference first, then the candidates in the order of their making."""
    failed: Mapping[str, str]
    """Candidates that could not be made or run, and why."""
    processor: Processor
    texts: Mapping[str, int]
    """Numbers of texts: those tuned with under `tuning`, those judged by under their kind."""
    gate: Gate


def search(
    fused: Path,
    manifest: Manifest,
    tokenizer_file: Path,
    scratch: Path,
    options: Options,
    on_progress: Callable[[str, float], None] = lambda what, share: None,
) -> SearchResult:
    """Find the fastest graph inside the gate for this machine.

    `on_progress` is called with what is being done and the share of candidates that is done, from
    0 to 1. Graphs are written to `scratch`. Raises SearchError for a name that is no candidate's.
    """
    processor = this_processor()
    names = chosen_candidates(options, processor)
    on_progress("choosing texts", 0.0)
    texts = choose_texts(
        tuning=options.tuning_texts // (2 if options.quick else 1),
        judging=options.judging_texts // (2 if options.quick else 1),
        seed=options.seed,
        catalogue=options.catalogue,
    )
    judge = Judge(
        fused,
        manifest,
        tokenizer_file,
        texts.judging,
        pairs=options.pairs,
        effort=QUICK_EFFORT if options.quick else Effort(),
        seed=options.seed,
    )
    share = 0.0
    tuning = batches_of(texts.tuning, manifest, Tokenizer.from_file(str(tokenizer_file)))
    inputs = CandidateInputs(
        fused,
        tuning,
        scratch,
        sample_rows=2048 if options.quick else 4096,
        sensitivity_batches=2 if options.quick else 4,
        seed=options.seed,
        on_progress=lambda what: on_progress(what, share),
    )
    measured, failed = [], {}
    for number, candidate in enumerate(names):
        share = number / len(names)
        on_progress(f"making {candidate.name}", share)
        graph = scratch / candidate.name / MODEL_FILE
        graph.parent.mkdir()
        begin = time.process_time()
        try:
            candidate.make(inputs, graph)
            made_s = time.process_time() - begin
            on_progress(f"measuring {candidate.name}", share)
            measured.append(judge.measure(candidate.name, candidate.what, graph, made_s))
        except Exception as error:
            # A candidate that this version of ONNX Runtime or this architecture does not take
            # must not end the search; the reference must work.
            if candidate.name == REFERENCE:
                raise
            failed[candidate.name] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    on_progress("choosing", 1.0)
    choice = choose(measured[0], measured[1:], options.gate)
    return SearchResult(
        graph=scratch / choice.name / MODEL_FILE,
        choice=choice,
        measured=measured,
        failed=failed,
        processor=processor,
        texts={
            "tuning": len(texts.tuning),
            **{kind: len(some) for kind, some in texts.judging.items()},
        },
        gate=options.gate,
    )


def chosen_candidates(options: Options, processor: Processor) -> list[Candidate]:
    """Return the reference, then the candidates of `options.only`, or all that suit the machine.

    Raises SearchError for a name that is no candidate's.
    """
    unknown = [name for name in options.only if name not in CANDIDATES]
    if unknown:
        raise SearchError(
            f"no candidate is called {', '.join(unknown)}; there are {', '.join(CANDIDATES)}"
        )
    chosen = [
        one
        for one in CANDIDATES.values()
        if (
            one.name in options.only
            if options.only
            else (one.quick or not options.quick)
            and not (one.without_vnni and processor.has_integer_products)
        )
    ]
    return [CANDIDATES[REFERENCE], *(one for one in chosen if one.name != REFERENCE)]
