"""`python -m bench.sentiment PATH...`: judges labelled texts by the packaged sentences."""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.sentiment.judges import Floats, lexicon, nearest_mean, trained
from bench.sentiment.labelled import Labelled, LabelledFileError, find_files, read_labelled
from bench.sentiment.measures import CLASSES, Measures, measure
from jobs.config import SentimentSettings
from jobs.core.interest.sentiment import SentimentAxis
from jobs.simulator.catalogue import build_catalogue
from jobs.spaces.build import documents
from jobs.texts.packaged import languages, sentences_of
from model_export.ensure import ensure_bundle
from udfs.encoder import Encoder
from udfs.errors import UdfError
from udfs.space import catalogue_mean, directions
from udfs.vector_store import StoredEncoder

HOME = Path(".interestream")
LEXICON_BAND = 0.05
"""Neutral band of the lexicon, as its authors advise."""
CHUNK = 128


def main(
    paths: Annotated[list[Path], typer.Argument(help="labelled files, or folders of such")],
    limit: Annotated[int, typer.Option(min=2, help="texts of a file, chosen by hash")] = 2500,
    band: Annotated[
        float, typer.Option(min=0, max=0.99, help="neutral band")
    ] = SentimentSettings().neutral_band,
    bundle: Annotated[
        Path | None, typer.Option(help="encoder bundle (default: the packaged one)")
    ] = None,
) -> None:
    """Judge labelled texts by the packaged sentences, beside simpler and trained judges.

    The vectors are those of a space over the simulated catalogue; one judge uses the encoder's
    vectors, without a space.
    """
    console = Console()
    try:
        files = [read_labelled(file, limit) for file in find_files(paths)]
        if not files:
            raise LabelledFileError("no file of labelled texts there")
        encoder = StoredEncoder(
            Encoder.open(bundle or ensure_bundle(HOME / "bundles"), provider="cpu"),
            HOME / "bench-vectors.sqlite",
        )
    except (LabelledFileError, UdfError) as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(2)
    supported = encoder.manifest.languages
    console.print(
        f"{encoder.manifest.name} {encoder.manifest.version} understands {', '.join(supported)}",
        highlight=False,
    )
    ours = [sentence for language in languages() for sentence in sentences_of(language, supported)]
    polarity = np.array([sentence.polarity for sentence in ours], dtype=np.int64)
    raw_sentences = encoder.encode([sentence.text for sentence in ours], "document")
    lines = build_catalogue(0, 1000, 1_700_000_000_000).items.values()
    mean = catalogue_mean(encoder, documents(dict(line) for line in lines), sample=300)
    nothing = np.zeros_like(mean)
    for labelled in files:
        raw = encode(encoder, labelled)
        found: dict[str, Measures] = {}
        largest = max(CLASSES, key=lambda own: int(np.sum(labelled.labels == own)))
        found["always the most frequent"] = measure(
            np.full(len(labelled), float(largest)), labelled.labels, 0.0
        )
        judge = lexicon() if labelled.language == "en" else None
        if judge is not None:
            found["lexicon"] = measure(judge(labelled.texts), labelled.labels, LEXICON_BAND)
        sentences, texts = _units(raw_sentences, mean), _units(raw, mean)
        found["nearest mean of the sentences"] = measure(
            nearest_mean(sentences, polarity, texts), labelled.labels, band
        )
        found["the job, without a space"] = measure(
            SentimentAxis.fit(_units(raw_sentences, nothing), polarity).scores(
                _units(raw, nothing)
            ),
            labelled.labels,
            band,
        )
        job = measure(SentimentAxis.fit(sentences, polarity).scores(texts), labelled.labels, band)
        found["the job"] = job
        if {1, -1} <= set(labelled.labels.tolist()):
            found["trained on half of the labels"] = measure(
                trained(texts, labelled.labels), labelled.labels, band
            )
        show(console, labelled, found, job)


def encode(encoder: StoredEncoder, labelled: Labelled) -> NDArray[np.float32]:
    """Vectors `(n, dim)` of a file's texts; shows a progress bar."""
    starts = range(0, len(labelled), CHUNK)
    return np.concatenate(
        [
            encoder.encode(labelled.texts[start : start + CHUNK], "document")
            for start in track(starts, description=labelled.name, transient=True)
        ]
    )


def show(console: Console, labelled: Labelled, found: dict[str, Measures], job: Measures) -> None:
    """Print a table of the measures of a file, and one of the job's confusion."""
    counts = " + ".join(
        f"{int(np.sum(labelled.labels == own))} {name}"
        for own, name in zip(CLASSES, ("liking", "neutral", "disliking"), strict=True)
    )
    table = Table(
        "judged by",
        "right side",
        "accuracy",
        "macro-F1",
        "found neutral",
        "right if not neutral",
        title=f"{labelled.name} ({labelled.language}): {counts}",
        title_justify="left",
    )
    for name, measures in found.items():
        numbers = (measures.sign, measures.accuracy, measures.macro_f1)
        signs = (measures.found_neutral, measures.right_if_not_neutral)
        table.add_row(name, *(f"{number:.3f}" for number in (*numbers, *signs)))
    console.print(table)
    confusion = Table("truly", "found liking", "neutral", "disliking")
    for name, row in zip(("liking", "neutral", "disliking"), job.confusion.tolist(), strict=True):
        confusion.add_row(name, *map(str, row))
    console.print(confusion)


def _units(raw: NDArray[np.float32], mean: NDArray[np.float32]) -> Floats:
    return directions(raw, mean)[0].astype(np.float64)


if __name__ == "__main__":
    typer.run(main)
