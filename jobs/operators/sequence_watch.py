"""Looks for sequence models of the job's space, and loads them beside those in use."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import psycopg

from jobs.config import Config
from jobs.sinks.arrays import register_arrays
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.sequence_items import fill_sequence_items
from udfs.errors import UdfError
from udfs.sequence.model import SequenceModel
from udfs.sequence.published import sequence_folder

log = logging.getLogger(__name__)

_MODELS = """
SELECT s.space_id, s.bundle_name, s.bundle_version, s.bundle_sha256, s.serving
FROM interestream.spaces AS s WHERE s.of_space = %s ORDER BY s.space_id DESC
"""

_FIRST_FILLS = 2
_FILL_S = 3_600.0
"""Time between two later ones, in seconds: each compares all items."""

# One model of a process for all of its tasks, as long as one of them uses it.
_open: WeakValueDictionary[tuple[str, int], SequenceModel] = WeakValueDictionary()
_lock = threading.Lock()


@dataclass(frozen=True)
class LoadedModel:
    """A model, the space of its vectors, and whether `recommend()` uses it."""

    space_id: int
    serving: bool
    model: SequenceModel


class SequenceWatch:
    """Knows the models of a space that the job keeps, newest first.

    A thread of its own looks for them, so that a database that hangs or a registry that is slow
    holds up no event. Nothing here fails the job: a model that cannot be loaded is reported, once,
    and tried again; those in use stay.
    """

    def __init__(self, config: Config, space_id: int, *, fill: bool = False) -> None:
        """Begin to look.

        `fill`: whether vectors of items that a model has none of are written when it comes, once
        more at the next look, since what was written before the model was known is missing then,
        and from time to time.
        """
        self._config = config
        self._space_id = space_id
        self._fill = fill
        self._reported: set[str] = set()
        self._filled: dict[int, list[float]] = {}
        self.models: list[LoadedModel] = []
        """The models as of the last look, newest first."""
        self._ends = threading.Event()
        if config.sequence.enabled:
            threading.Thread(target=self._run, name="sequence-watch", daemon=True).start()

    @property
    def serving(self) -> LoadedModel | None:
        """The newest model that serves."""
        return next((model for model in self.models if model.serving), None)

    def close(self) -> None:
        """End the thread, which may be waiting for Postgres, when it can."""
        self._ends.set()

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                self._take(self._find())
            except psycopg.Error as error:
                # The writers tell that Postgres is away, and wait for it.
                log.debug("no look for sequence models: %s", type(error).__name__)
            except Exception:
                log.exception("sequence models cannot be looked for; those in use stay")
            self._ends.wait(self._config.sequence.check_s)

    def _take(self, found: list[LoadedModel]) -> None:
        before = [(known.space_id, known.serving) for known in self.models]
        self.models = found
        if [(known.space_id, known.serving) for known in found] != before:
            names = [
                f"{known.model.manifest.version} ({'serving' if known.serving else 'kept'})"
                for known in found
            ]
            log.info("sequence models: %s", ", ".join(names) or "none")

    def _find(self) -> list[LoadedModel]:
        """The models of the space."""
        by_space = {each.space_id: each.model for each in self.models}
        found = []
        with psycopg.connect(
            self._config.database.dsn.get_secret_value(),
            autocommit=True,
            connect_timeout=5,
            # Behind a pooler the next transaction may have another session.
            prepare_threshold=None,
            application_name="interestream-sequence",
        ) as connection:
            rows = connection.execute(_MODELS, (self._space_id,)).fetchall()
            for space_id, name, version, sha256, serving in rows:
                model = by_space.get(space_id) or self._load(name, version, sha256)
                if model is None:
                    continue
                found.append(LoadedModel(space_id, serving, model))
                if self._fill and self._is_due(space_id):
                    register_arrays(connection)
                    register_halfvectors(connection)
                    fill_sequence_items(connection, self._space_id, space_id, model)
        return found

    def _is_due(self, space_id: int) -> bool:
        """Whether a model is to be filled now: at two looks in a row, and later now and then."""
        filled = self._filled.setdefault(space_id, [])
        if len(filled) >= _FIRST_FILLS and time.monotonic() - filled[-1] < _FILL_S:
            return False
        filled[:] = [*filled, time.monotonic()][-_FIRST_FILLS:]
        return True

    def _load(self, name: str, version: str, sha256: str) -> SequenceModel | None:
        encoder = self._config.encoder
        threads = self._config.sequence.threads
        cache = Path(encoder.bundle_cache) if encoder.bundle_cache else None
        try:
            with _lock:
                model = _open.get((sha256, threads))
                if model is None:
                    folder = sequence_folder(encoder.registry, name, version, sha256, cache)
                    model = SequenceModel.open(folder, threads)
                    _open[sha256, threads] = model
        except (UdfError, OSError) as error:
            if version not in self._reported:
                self._reported.add(version)
                log.warning("sequence model %s@%s cannot be used: %s", name, version, error)
            return None
        self._reported.discard(version)
        return model
