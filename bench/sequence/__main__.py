"""`python -m bench.sequence DATA`: trains on the first part of a data set, and judges by the rest.

Nothing but the training and the judging of `python -m model_export sequence` runs: no job and no
database. The vectors of texts are those of the packaged encoder, in a file that keeps them.
`planted` is a made-up set of a million interactions whose order pairs of items cannot tell.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.harness.our_job import BENCH_HOME
from bench.sequence.planted import planted
from bench.sequence.speed import measure_speed
from jobs.cli.run import packaged_bundle
from jobs.config import load_config
from jobs.datasets.detect import open_dataset
from jobs.evaluation.interactions import read_interactions
from jobs.evaluation.vectors import vectors_of_encoder
from model_export.sequence.graph import export_users, item_vectors_of, network_users
from model_export.sequence.interactions import Interactions, ordered
from model_export.sequence.judge import judge_blend, judge_model, questions_since
from model_export.sequence.network import Network, Shape
from model_export.sequence.train import train

console = Console()


def main(
    data: Annotated[str, typer.Argument(help="folder of a data set, or 'planted'")],
    mapping: Annotated[Path | None, typer.Option(help="TOML mapping, or its name")] = None,
    begin: Annotated[float, typer.Option(help="share of the interactions trained with")] = 0.8,
    end: Annotated[float, typer.Option(help="share up to which questions are asked")] = 1.0,
    epochs: Annotated[int, typer.Option(min=1)] = 20,
    minutes: Annotated[float, typer.Option()] = 20.0,
    dim: Annotated[int, typer.Option()] = 64,
    layers: Annotated[int, typer.Option()] = 2,
    heads: Annotated[int, typer.Option()] = 2,
    max_events: Annotated[int, typer.Option()] = 32,
    dropout: Annotated[float, typer.Option()] = 0.2,
    questions: Annotated[int, typer.Option()] = 2_000,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Print what the model finds alone and in a blend, how long it trained, and its speed."""
    known = _read(data, mapping)
    order = np.sort(known.time_ms)
    since_ms = int(order[int(len(order) * begin)])
    until = known if end >= 1 else known.until(int(order[int(len(order) * end)]))
    early = until.until(since_ms)
    shape = Shape(
        known.texts.shape[1], len(known.item_ids), dim, layers, heads, max_events, dropout
    )
    import torch  # noqa: PLC0415

    torch.manual_seed(seed)
    network = Network(shape)
    started_s = time.perf_counter()
    with console.status("training") as status:
        trained = train(
            network, early, epochs=epochs, seed=seed, minutes=minutes, on_progress=status.update
        )
    took_s = time.perf_counter() - started_s
    asked = questions_since(until, since_ms, questions, seed)
    items = item_vectors_of(network, early).of(known.texts, known.references)
    histories = asked.histories(max_events)
    users = network_users(network, items, histories)
    alone = judge_model(asked, users, items)
    blend = judge_blend(asked, early, {"model": (users, items)}, seed)
    table = Table("", "HR@10", "NDCG@10", title=f"{data}: {len(asked.asked):,} questions")
    for name, found in (
        ("the model alone", alone),
        ("the other sources", blend[""]),
        ("with the model", blend["model"]),
    ):
        table.add_row(name, f"{found.hit_rate:.4f}", f"{found.ndcg:.4f}")
    console.print(table)
    cut = ", cut off" if trained.cut_off else ""
    console.print(
        f"{len(early):,} interactions, {trained.steps:,} steps in {took_s:.0f} s{cut},"
        f" loss {trained.loss:.3f}, scale {float(network.scale.detach()):.1f}",
        highlight=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "users.onnx"
        export_users(network, graph)
        speed = measure_speed(graph, items, histories)
    console.print(
        f"{speed.vectors_per_s:,.0f} users/s on one thread, {speed.bare_per_s:,.0f} by the graph"
        f" alone ({speed.vectors_per_s / speed.bare_per_s:.2f})",
        highlight=False,
    )


def _read(data: str, mapping: Path | None) -> Interactions:
    if data == "planted":
        return planted()
    found = read_interactions(open_dataset(Path(data), mapping), load_config())
    texts = vectors_of_encoder(
        packaged_bundle(lambda step: None), BENCH_HOME / "sequence.sqlite", found.documents
    )
    return ordered(
        found.user.astype(np.intp),
        found.item.astype(np.intp),
        found.time_ms,
        np.ones(len(found), dtype=np.float32),
        found.item_ids,
        texts.astype(np.float16),
        found.user_ids,
    )


if __name__ == "__main__":
    typer.run(main)
