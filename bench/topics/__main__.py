"""`python -m bench.topics`: names titles, and readers of titles, by the packaged topics."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.topics.measures import Floats, measure
from jobs.core.interest.topic_vectors import told_apart
from jobs.texts.packaged_topics import packaged_topics, phrases_in
from model_export.ensure import ensure_bundle
from udfs.encoder import Encoder
from udfs.errors import UdfError
from udfs.space import catalogue_mean, directions
from udfs.vector_store import StoredEncoder

HOME = Path(".interestream")
TITLES = files("bench.topics") / "titles"


def main(
    titles: Annotated[str, typer.Option(help="language of the titles: en or zh")] = "en",
    phrases: Annotated[
        str, typer.Option(help="languages of the topics, as en,zh (default: the bundle's)")
    ] = "",
    catalogue: Annotated[
        Path | None, typer.Option(help="file of further texts of the catalogue, one a line")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="encoder bundle (default: the packaged one)")
    ] = None,
) -> None:
    """Name a hundred titles by the packaged topics, with and without what topics share.

    The titles, four for each topic, are the catalogue, together with those of --catalogue.
    """
    console = Console()
    try:
        encoder = StoredEncoder(
            Encoder.open(bundle or ensure_bundle(HOME / "bundles"), provider="cpu"),
            HOME / "bench-vectors.sqlite",
        )
        rows = [
            line.split("\t")
            for line in (TITLES / f"{titles}.tsv").read_text(encoding="utf-8").splitlines()
        ]
        further = [] if catalogue is None else catalogue.read_text(encoding="utf-8").splitlines()
    except (UdfError, OSError) as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(2)
    texts = [title for _, title in rows]
    documents = [*texts, *filter(None, further)]
    mean = catalogue_mean(encoder, documents, sample=len(documents))
    languages = phrases.split(",") if phrases else encoder.manifest.languages
    packaged = packaged_topics("en")
    names = list(packaged)

    def of_space(of: list[str]) -> Floats:
        return directions(encoder.encode(of, "document"), mean)[0].astype(np.float64)

    means = [of_space(phrases_in(of, languages)).mean(axis=0) for of in packaged.values()]
    topics = np.stack([each / np.linalg.norm(each) for each in means])
    topic_of = np.array([names.index(topic) for topic, _ in rows], dtype=np.int64)
    table = Table(title=f"{len(rows)} titles ({titles}), topics in {', '.join(languages)}")
    for head in ("topics", "two topics", "named", "right", "readers right", "other of mixed"):
        table.add_column(head)
    for label, vectors in (("as encoded", topics), ("without their mean", told_apart(topics))):
        found = measure(of_space(texts), topic_of, vectors)
        table.add_row(
            label,
            f"{found.alike:.2f}",
            f"{found.named:.2f}",
            f"{found.right:.2f}",
            f"{found.readers_right:.2f}",
            f"{found.other_of_mixed:.2f}",
        )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
