"""Find the model that `--source` names: the package, a folder, or a repository of the hub."""

import re
from dataclasses import dataclass
from pathlib import Path

from model_export.errors import SourceError
from model_export.source.folder import Source, folder_source, packaged_source
from model_export.source.hub import HubModel, download, find_on_hub

PACKAGED = "package"
"""The source that stands for the model of the installed package."""

_REPO = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A model whose revision is known; a repository's files are not downloaded yet."""

    source: Source | None
    """None for a model of the hub."""
    model: HubModel | None = None

    @property
    def name(self) -> str:
        """The model's name, or ORGANISATION/MODEL on the hub."""
        return self.source.name if self.source else self._remote.repo

    @property
    def revision(self) -> str:
        """The hub's commit, or sha256 of a folder's weights."""
        return self.source.revision if self.source else self._remote.commit

    @property
    def _remote(self) -> HubModel:
        assert self.model is not None, "a source or a model"
        return self.model

    def local(self) -> Source:
        """Return the model's folder on this machine, downloaded if need be.

        Raises what `model_export.source.hub.download` raises.
        """
        return self.source or download(self._remote)


def find_source(text: str, revision: str | None) -> ResolvedSource:
    """Look up the model that `text` names; only a model of the hub may have a `revision`.

    Raises SourceError, or MissingExtraError and ChecksumError for the package's model.
    """
    if text == PACKAGED or Path(text).is_dir():
        if revision is not None:
            raise SourceError(f"--revision {revision}: only models of the hub have revisions")
        return ResolvedSource(packaged_source() if text == PACKAGED else folder_source(Path(text)))
    if not _REPO.fullmatch(text):
        raise SourceError(f"{text} is neither a folder nor a hub's ORGANISATION/MODEL")
    return ResolvedSource(None, find_on_hub(text, revision or "main"))
