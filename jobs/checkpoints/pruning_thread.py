"""Prunes beside the job's steps, in a thread that can fail without harm to the job."""

import logging
import threading
import time

from jobs.checkpoints.prune import Pruner, PruneSettings

log = logging.getLogger(__name__)


class PruningThread:
    """Looks for files to remove every so often, until it is stopped.

    It reads files and calls no Java: threads of the task alone do that. An error is logged, once
    as long as it stays the same, and the next look comes all the same.
    """

    def __init__(self, settings: PruneSettings, job_id: str) -> None:
        self._every_s = settings.every_s
        self._pruner = Pruner(settings, job_id)
        self._stopped = threading.Event()
        self._last_error = ""
        self._thread = threading.Thread(target=self._run, name="file-pruning", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a look that is under way is finished in the background."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                removed = self._pruner.prune(time.time())
                self._last_error = ""
            except FileNotFoundError:
                continue  # Flink has removed the checkpoint that was being read
            except Exception as error:
                self._report(error)
                continue
            if removed:
                log.info("%d files of the streams were removed: checkpoints cover them", removed)

    def _report(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if text != self._last_error:
            self._last_error = text
            log.warning("files of the streams are kept although sources.keep_s is set: %s", text)
