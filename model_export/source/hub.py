"""A model of the Hugging Face hub, at a commit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from requests.exceptions import RequestException

from model_export.errors import NoHubError, SourceError
from model_export.source.folder import Source, folder_source
from model_export.source.pickles import folders_of_pickles_only, pickled_repository_error

P = ParamSpec("P")
R = TypeVar("R")

_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
_OTHER_FORMATS = ("onnx/*", "openvino/*", "*/model_quantized*", "*consolidated*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository at one commit, not yet downloaded."""

    repo: str
    commit: str
    weights: Mapping[str, str]
    """sha256 (hex) of the weights as the hub states it, by file name."""


def find_on_hub(repo: str, revision: str = "main", endpoint: str | None = None) -> HubModel:
    """Look up the commit that a branch, tag or commit of a repository stands for.

    A full commit is returned as it is when the hub cannot be reached, since its files may be in
    the cache. Raises NoHubError for another revision then, and SourceError when there is no such
    model, or weights of it are there as pickles only.
    """
    try:
        info = _with_our_errors(repo, revision)(HfApi(endpoint=endpoint).model_info)(
            repo, revision=revision, files_metadata=True, timeout=_TIMEOUT_S
        )
    except NoHubError:
        if _COMMIT.fullmatch(revision):
            return HubModel(repo, revision, {})
        raise
    if only := folders_of_pickles_only([file.rfilename for file in info.siblings or ()]):
        raise pickled_repository_error(repo, only)
    weights = {file.rfilename: file.lfs.sha256 for file in info.siblings or () if file.lfs}
    return HubModel(
        repo,
        str(info.sha),
        {name: sha for name, sha in weights.items() if name.endswith(".safetensors")},
    )


def download(model: HubModel, endpoint: str | None = None, cache: Path | None = None) -> Source:
    """Return the files of a repository that an export reads, downloaded or from the cache.

    Raises NoHubError when the hub cannot be reached, SourceError when files are missing, and
    ChecksumError when weights do not have the hashes that the hub states.
    """
    folder = _with_our_errors(model.repo, model.commit)(snapshot_download)(
        model.repo,
        revision=model.commit,
        endpoint=endpoint,
        cache_dir=cache,
        allow_patterns=list(_FILES),
        ignore_patterns=list(_OTHER_FORMATS),
    )
    there = {name: sha for name, sha in model.weights.items() if (Path(folder) / name).is_file()}
    return folder_source(Path(folder), model.repo, expected=there, commit=model.commit)


def _with_our_errors(repo: str, revision: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that turns the errors of a call to the hub into ours."""

    def wrap(call: Callable[P, R]) -> Callable[P, R]:
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return call(*args, **kwargs)
            except RevisionNotFoundError as error:
                raise SourceError(
                    f"{repo} has no revision {revision!r}: give a branch, tag or commit"
                ) from error
            except (GatedRepoError, RepositoryNotFoundError, HFValidationError) as error:
                raise SourceError(
                    f"the hub gives no model {repo!r}; a private or gated one needs HF_TOKEN"
                ) from error
            except (LocalEntryNotFoundError, RequestException, ConnectionError) as error:
                if isinstance(error, HfHubHTTPError) and not isinstance(
                    error, LocalEntryNotFoundError
                ):
                    raise NoHubError(f"the hub failed: {error}; try again later") from error
                raise NoHubError(
                    f"{repo} is no local folder, and no hub can be reached: give a folder with "
                    "the model, or try again with a network"
                ) from error

        return ask

    return wrap
