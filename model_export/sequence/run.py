"""One training as a schedule starts it: read, train, judge, publish where it is better, serve."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psycopg
import torch
from rich.table import Table

from model_export.errors import SourceError
from model_export.listener import SILENT, ExportListener
from model_export.publishing.lock import export_lock
from model_export.publishing.publish import require_version
from model_export.sequence.back import newest_serving
from model_export.sequence.bundle import continued, mean_sha256, write_bundle
from model_export.sequence.graph import choose_graph, item_vectors_of, network_users
from model_export.sequence.interactions import Floats, Interactions
from model_export.sequence.judge import (
    Found,
    Questions,
    judge_blend,
    judge_model,
    questions_since,
)
from model_export.sequence.network import Network, Shape
from model_export.sequence.read import SpaceRead, read_interactions, read_space
from model_export.sequence.serve import serve
from model_export.sequence.train import Trained, train
from model_export.sequence.windows import Windows
from sql.connection import connect
from udfs.bundle import MANIFEST_FILE
from udfs.errors import UdfError
from udfs.registry.reference import Reference
from udfs.registry.registry import Registry
from udfs.sequence.bundle import USERS_FILE, SequenceManifest, verify_sequence
from udfs.sequence.model import SequenceModel
from udfs.sequence.published import (
    published_versions,
    read_published,
    sequence_folder,
    sequence_path,
)

LEAST_INTERACTIONS = 1_000
"""With fewer there is nothing to learn from."""
LEAST_QUESTIONS = 50
"""With fewer in the newest slice nobody can say which of two models is better."""
NEWEST_SLICE = 0.1
"""Share of the interactions, the newest, that is asked and not trained with."""
REFIT_SHARE = 0.2
"""Share of the passes that a model which is better goes on for, with the newest slice among what it
is trained with."""
_COMPARED = 200
"""Users by whom the graph is compared with the network."""


@dataclass(frozen=True, slots=True)
class SequenceRequest:
    """What to train, and how."""

    name: str = "sequence"
    version: str | None = None
    """None makes one of the time and the bundle's hash."""
    space_id: int | None = None
    """The space whose vectors are read; None for the active one."""
    until: datetime | None = None
    """Time up to which interactions are read; None reads all."""
    minutes: float = 20.0
    epochs: int = 20
    dim: int = 64
    layers: int = 2
    heads: int = 2
    max_events: int = 32
    dropout: float = 0.2
    recipe: str = "fp32"
    seed: int = 0
    questions: int = 2_000
    if_changed: bool = False
    """Whether to do nothing when no interaction has come since the model in use was trained."""
    refit: bool = True
    """Whether a model that is better is trained on with the newest slice before it is published."""
    from_scratch: bool = False
    """Whether to begin anew instead of with the weights of the model in use."""
    keep: int | None = None
    """Newest versions to leave in the registry, beside those that the database names; None
    removes nothing."""
    force: bool = False
    """Whether to publish a model that is no better, too."""
    dsn: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """What a run did."""

    published: bool
    reference: str
    """Of the model in use now, empty where there is none."""
    space_id: int | None
    """Of the model that was published."""
    figures: Mapping[str, float]
    words: tuple[str, ...]
    """Lines for a person."""


def run_sequence(
    request: SequenceRequest, registry: Registry, listener: ExportListener = SILENT
) -> SequenceResult:
    """Train a model on what users did, and let it serve where it finds more than what is there.

    Raises ExportRunningError while another run of the name holds the lock, SourceError where there
    is too little to learn from, ParityError where the graph falls short of the network, and
    psycopg.Error.
    """
    if request.version is not None:
        require_version(Reference(request.name, request.version))
    with export_lock(registry, request.name) as lock, connect(request.dsn, autocommit=True) as db:
        listener.on_step("read")
        space = read_space(db, request.space_id)
        known = read_interactions(db, space, request.until)
        run = _Run(request, registry, listener, db, space, known)
        if request.if_changed and (words := run.unchanged()):
            return SequenceResult(False, run.in_use(), None, {}, (words,))
        return run.train_and_publish(lock.require)


@dataclass(frozen=True)
class _Run:
    request: SequenceRequest
    registry: Registry
    listener: ExportListener
    db: psycopg.Connection
    space: SpaceRead
    known: Interactions

    def unchanged(self) -> str:
        """Why there is nothing to do; empty where there is something."""
        row = self.db.execute(
            "SELECT max(trained_until) FROM interestream.spaces WHERE of_space = %s",
            (self.space.space_id,),
        ).fetchone()
        if row is None or row[0] is None or not len(self.known):
            return ""
        if int(self.known.time_ms.max()) > row[0].timestamp() * 1000:
            return ""
        return f"nothing has come since {row[0]:%F %T}, up to which the newest model was trained"

    def in_use(self) -> str:
        """Name and version of the model in use, empty without one."""
        found = newest_serving(self.db, self.space.space_id)
        return "" if found is None else f"{found[1]}@{found[2]}"

    def train_and_publish(self, require_lock: Callable[[], None]) -> SequenceResult:
        """The whole of a run whose lock the caller holds."""
        request, known = self.request, self.known
        if len(known) < LEAST_INTERACTIONS:
            raise SourceError(
                f"{len(known):,} likes are too few to learn from: {LEAST_INTERACTIONS:,} are needed"
            )
        since_ms = int(np.quantile(known.time_ms, 1 - NEWEST_SLICE))
        previous = self._previous()
        if previous is not None:
            # What the model in use was trained with says nothing of it.
            trained_ms = _trained_until_ms(previous) + 1
            questions = self._questions(max(since_ms, trained_ms))
            if len(questions.asked) < LEAST_QUESTIONS and not request.force:
                words = (
                    f"{len(questions.asked)} likes since the model in use was trained can be asked,"
                    f" {LEAST_QUESTIONS} are needed to tell which of two models is better"
                )
                return SequenceResult(False, self.in_use(), None, {}, (words,))
            if len(questions.asked) >= LEAST_QUESTIONS:
                since_ms = max(since_ms, trained_ms)
        questions = self._questions(since_ms)
        if len(questions.asked) < LEAST_QUESTIONS:
            raise SourceError(
                f"{len(questions.asked)} of the newest likes follow another one of their user:"
                f" {LEAST_QUESTIONS} are needed to judge a model"
            )
        early = known.until(since_ms)
        network = self._network(early, previous)
        self.listener.on_step("train")
        trained = train(
            network,
            early,
            epochs=request.epochs,
            seed=request.seed,
            minutes=request.minutes,
            on_progress=self.listener.on_progress,
        )
        self.listener.on_step("judge")
        items = item_vectors_of(network, early).of(known.texts, known.references)
        histories = questions.histories(request.max_events)
        vectors = {"new": (network_users(network, items, histories), items)}
        if previous is not None:
            vectors["old"] = _of_model(previous, questions)
        alone = {name: judge_model(questions, *both) for name, both in vectors.items()}
        blend = judge_blend(questions, early, vectors, request.seed)
        figures = _figures(len(questions.asked), alone, blend, trained)
        self.listener.on_report(_table(alone, blend, len(questions.asked)))
        words = _verdict(alone, blend)
        if words and not request.force:
            return SequenceResult(False, self.in_use(), None, figures, (words,))
        learned = early
        if request.refit:
            self.listener.on_step("refit")
            learned = known
            train(
                network,
                known,
                epochs=max(1, round(request.epochs * REFIT_SHARE)),
                seed=request.seed,
                minutes=max(request.minutes * REFIT_SHARE, 0.5),
                on_progress=self.listener.on_progress,
            )
            items = item_vectors_of(network, known).of(known.texts, known.references)
        with TemporaryDirectory(prefix=".sequence-") as workspace:
            folder, scratch = Path(workspace) / "bundle", Path(workspace) / "scratch"
            folder.mkdir()
            scratch.mkdir()
            self.listener.on_step("export")
            compared = histories.take(np.arange(min(_COMPARED, len(histories.at))))
            recipe, measured = choose_graph(
                network, items, compared, request.recipe, scratch, folder / USERS_FILE
            )
            newest_ms = int(learned.time_ms.max())
            manifest = write_bundle(
                folder,
                network,
                learned,
                self._draft(network, recipe, trained, {**figures, **measured}, newest_ms),
                request.version,
            )
            self.listener.on_step("publish")
            require_lock()
            reference = Reference(manifest.name, manifest.version)
            self.registry.store.add_folder(folder, sequence_path(reference), last=MANIFEST_FILE)
            self.listener.on_step("serve")
            model_space = serve(self.db, self.space, folder, known, self.listener.on_progress)
        said: tuple[str, ...] = (words,) if words else ()
        if request.keep is not None:
            said += tuple(f"removed {version}" for version in self._clean_up(request.keep))
        return SequenceResult(True, str(reference), model_space, manifest.figures, said)

    def _questions(self, since_ms: int) -> Questions:
        return questions_since(self.known, since_ms, self.request.questions, self.request.seed)

    def _clean_up(self, keep: int) -> list[str]:
        """Remove versions that neither are among the newest nor have a space."""
        rows = self.db.execute(
            "SELECT bundle_version FROM interestream.spaces WHERE bundle_name = %s",
            (self.request.name,),
        ).fetchall()
        url = self.registry.store.url
        created = sorted(
            (read_published(url, Reference(self.request.name, version)).created_at, version)
            for version in published_versions(url, self.request.name)
        )
        used = {version for (version,) in rows} | {version for _, version in created[-keep:]}
        gone = [version for _, version in created if version not in used]
        for version in gone:
            path = sequence_path(Reference(self.request.name, version))
            self.registry.store.remove_folder(path, first=MANIFEST_FILE)
        return gone

    def _previous(self) -> Path | None:
        """The folder of the model in use; None where there is none that can be read."""
        found = newest_serving(self.db, self.space.space_id)
        if found is None:
            return None
        _, name, version, sha256 = found
        try:
            return sequence_folder(self.registry.store.url, name, version, sha256)
        except UdfError as error:
            self.listener.on_progress(f"the model in use cannot be read: {error}")
            return None

    def _network(self, early: Interactions, previous: Path | None) -> Network:
        request = self.request
        shape = Shape(
            early.texts.shape[1],
            len(early.item_ids),
            request.dim,
            request.layers,
            request.heads,
            request.max_events,
            request.dropout,
        )
        torch.manual_seed(request.seed)
        if previous is not None and not request.from_scratch:
            network = continued(shape, previous, early)
            if network is not None:
                return network
        return Network(shape)

    def _draft(
        self,
        network: Network,
        recipe: str,
        trained: Trained,
        figures: Mapping[str, float],
        newest_ms: int,
    ) -> SequenceManifest:
        return SequenceManifest(
            name=self.request.name,
            version="draft",
            encoder_sha256=self.space.bundle_sha256,
            mean_sha256=mean_sha256(self.space),
            text_dim=network.shape.text_dim,
            dim=network.shape.dim,
            max_events=network.shape.max_events,
            items=0,
            scale=float(network.scale.detach()),
            recipe=recipe,
            seed=self.request.seed,
            steps=trained.steps,
            trained_until=datetime.fromtimestamp(newest_ms / 1000, UTC).isoformat(),
            figures={name: round(value, 6) for name, value in figures.items()},
            files={},
            tools={},
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def _trained_until_ms(folder: Path) -> int:
    stated = verify_sequence(folder).trained_until
    return int(datetime.fromisoformat(stated).timestamp() * 1000)


def _of_model(folder: Path, questions: Questions) -> tuple[Floats, Floats]:
    """Vectors of the questions' users and of all items, by a published model."""
    model = SequenceModel.open(folder, threads=0)
    items = model.items.of(questions.of.texts, questions.of.references)
    histories: Windows = questions.histories(model.manifest.max_events)
    return model.user_vectors(items[histories.item], histories.history), items


def _verdict(alone: Mapping[str, Found], blend: Mapping[str, Found]) -> str:
    """Why the new model is no better; empty where it is."""
    if not blend["new"].ndcg > blend[""].ndcg:
        return (
            f"the new model adds nothing to what is there: NDCG@10 {blend['new'].ndcg:.4f} with it,"
            f" {blend[''].ndcg:.4f} without"
        )
    if "old" in blend and not blend["new"].ndcg > blend["old"].ndcg:
        return (
            f"the new model is no better than the one in use: NDCG@10 {blend['new'].ndcg:.4f},"
            f" {blend['old'].ndcg:.4f} (alone {alone['new'].ndcg:.4f}, {alone['old'].ndcg:.4f})"
        )
    return ""


def _figures(
    questions: int, alone: Mapping[str, Found], blend: Mapping[str, Found], trained: Trained
) -> dict[str, float]:
    found = {"questions": float(questions), "loss": trained.loss, "cut_off": float(trained.cut_off)}
    for name, each in alone.items():
        found |= {f"{name}_alone_hr": each.hit_rate, f"{name}_alone_ndcg": each.ndcg}
    for name, each in blend.items():
        key = f"{name}_blend" if name else "blend_without"
        found |= {f"{key}_hr": each.hit_rate, f"{key}_ndcg": each.ndcg}
    return found


def _table(alone: Mapping[str, Found], blend: Mapping[str, Found], questions: int) -> Table:
    table = Table(
        "what",
        "HR@10",
        "NDCG@10",
        title=f"{questions:,} likes of the newest slice; blends are fitted to half, judged by half",
    )
    titles = {"new": "the new model", "old": "the model in use"}
    for name, each in alone.items():
        table.add_row(f"{titles[name]} alone", f"{each.hit_rate:.4f}", f"{each.ndcg:.4f}")
    for name, each in blend.items():
        title = f"sources with {titles[name]}" if name else "sources without a model"
        table.add_row(title, f"{each.hit_rate:.4f}", f"{each.ndcg:.4f}")
    return table
