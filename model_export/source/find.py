"""From what `--source` says to the model: the package, a folder, or a repository of the hub."""

import re
from dataclasses import dataclass
from pathlib import Path

from model_export.errors import SourceError
from model_export.source.folder import Source, folder_source, packaged_source
from model_export.source.hub import HubModel, download, find_on_hub

PACKAGED = "package"

_REPO = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A model whose revision is known; of a repository nothing more is here yet."""

    source: Source | None
    model: HubModel | None = None

    @property
    def name(self) -> str:
        return self.source.name if self.source else self._remote.repo

    @property
    def revision(self) -> str:
        return self.source.revision if self.source else self._remote.commit

    @property
    def _remote(self) -> HubModel:
        assert self.model is not None, "a source or a model"
        return self.model

    def local(self) -> Source:
        """The model's files on this machine, downloaded where they are not."""
        return self.source or download(self._remote)


def find_source(text: str, revision: str | None) -> ResolvedSource:
    """Look a model up; `revision` is for the hub alone.

    Raises the SourceErrors of the places it looks in.
    """
    if text == PACKAGED or Path(text).is_dir():
        if revision is not None:
            raise SourceError(f"--revision {revision}: only models of the hub have revisions")
        return ResolvedSource(packaged_source() if text == PACKAGED else folder_source(Path(text)))
    if not _REPO.fullmatch(text):
        raise SourceError(f"{text} is neither a folder nor a hub's ORGANISATION/MODEL")
    return ResolvedSource(None, find_on_hub(text, revision or "main"))
