"""Models of a hub: the real client against a hub on this machine, and without any."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from model_export.errors import ChecksumError, NoHubError, SourceError
from model_export.source.find import find_source
from model_export.source.hub import download, find_on_hub
from tests.model_export.builders import empty_model, tiny_model, write_json
from tests.model_export.hub import REPO, Hub, running_hub
from udfs.registry.reference import parse_reference
from udfs.registry.registry import open_registry

FIRST, SECOND = "1" * 40, "2" * 40
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Two commits with other weights; `main` is the second, the tag `v1` the first."""
    commits = {}
    for commit in (FIRST, SECOND):
        commits[commit] = empty_model(tmp_path / "hub" / commit, weights=commit.encode())
        (commits[commit] / "pytorch_model.bin").write_bytes(b"a pickle")
    with running_hub(Hub(commits, {"main": SECOND, "v1": FIRST})) as hub:
        yield hub


def fetched(hub: Hub, revision: str, cache: Path) -> bytes:
    model = find_on_hub(REPO, revision, hub.endpoint)
    source = download(model, hub.endpoint, cache)
    assert (source.name, source.revision) == (REPO, model.commit)
    return (source.folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("revision", "commit"), [("main", SECOND), ("v1", FIRST), (FIRST, FIRST), (SECOND, SECOND)]
)
def test_a_revision_is_pinned_to_its_commit(hub, tmp_path, revision, commit):
    assert find_on_hub(REPO, revision, hub.endpoint).commit == commit
    assert fetched(hub, revision, tmp_path / "cache") == commit.encode()


def test_a_branch_that_moves_is_another_commit(hub, tmp_path):
    assert fetched(hub, "main", tmp_path / "cache") == SECOND.encode()
    hub.references["main"] = FIRST
    assert fetched(hub, "main", tmp_path / "cache") == FIRST.encode()


def test_to_look_a_commit_up_downloads_nothing_and_pickles_are_never_fetched(hub, tmp_path):
    find_on_hub(REPO, "main", hub.endpoint)
    assert hub.downloads == []
    fetched(hub, "main", tmp_path / "cache")
    assert sorted(hub.downloads) == ["config.json", "model.safetensors", "tokenizer.json"]


def test_a_repository_of_pickled_weights_says_how_to_fetch_and_convert_it(hub, tmp_path):
    commit = hub.commits[SECOND]
    (commit / "model.safetensors").unlink()
    with pytest.raises(SourceError, match=r"pytorch_model\.bin only") as caught:
        find_on_hub(REPO, "main", hub.endpoint)
    line = str(caught.value).splitlines()[-1]
    assert line.startswith("hf download makers/tiny --local-dir tiny && python -c ")
    assert hub.downloads == []


def test_weights_that_are_not_what_the_hub_states_are_refused(hub, tmp_path):
    hub.stated_weights_sha256 = "0" * 64
    with pytest.raises(ChecksumError, match=f"model.safetensors has sha256 .*{'0' * 64}"):
        fetched(hub, "main", tmp_path / "cache")


def test_an_unknown_revision_is_named(hub):
    with pytest.raises(SourceError, match="no revision 'v9'"):
        find_on_hub(REPO, "v9", hub.endpoint)


def test_an_unknown_model_is_named(hub):
    with pytest.raises(SourceError, match=r"no model 'makers/unknown'.*HF_TOKEN"):
        find_on_hub("makers/unknown", "main", hub.endpoint)


def test_without_a_hub_a_branch_cannot_be_looked_up():
    with pytest.raises(NoHubError, match="no hub can be reached: give a folder"):
        find_on_hub(REPO, "main", NOWHERE)


def test_without_a_hub_a_commit_that_was_fetched_before_is_still_there(hub, tmp_path):
    fetched(hub, FIRST, tmp_path / "cache")
    model = find_on_hub(REPO, FIRST, NOWHERE)
    source = download(model, NOWHERE, tmp_path / "cache")
    assert (source.folder / "model.safetensors").read_bytes() == FIRST.encode()


def test_without_a_hub_a_commit_that_was_never_fetched_says_so(tmp_path):
    model = find_on_hub(REPO, FIRST, NOWHERE)
    with pytest.raises(NoHubError, match="no hub can be reached"):
        download(model, NOWHERE, tmp_path / "cache")


def test_the_hubs_offline_mode_is_the_same_as_no_hub(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(NoHubError, match="no hub can be reached"):
        find_source(REPO, None)


def test_a_folder_is_taken_before_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    empty_model(tmp_path / "makers" / "tiny")
    assert find_source(REPO, None).name == "tiny"


def test_a_folder_has_no_revision_to_choose(tmp_path):
    with pytest.raises(SourceError, match="only models of the hub have revisions"):
        find_source(str(empty_model(tmp_path / "m")), "main")


@pytest.mark.parametrize("text", ["no-such-folder", "a/b/c", "https://host/model"])
def test_what_is_neither_folder_nor_repository_is_said(text):
    with pytest.raises(SourceError, match="neither a folder nor a hub's"):
        find_source(text, None)


@pytest.mark.long
def test_a_scheduled_export_follows_a_branch_and_says_which_commit(tmp_path):
    """The whole way: the first commit is exported, then nothing, then the second one."""
    folders = {FIRST: tiny_model(tmp_path / "first"), SECOND: tiny_model(tmp_path / "second")}
    write_json(folders[SECOND] / "sentence_bert_config.json", {"max_seq_length": 16})
    registry = open_registry(tmp_path / "registry")
    with running_hub(Hub(folders, {"main": FIRST})) as hub:

        def export() -> Any:
            done = subprocess.run(
                [sys.executable, "-m", "model_export", "--if-changed", "--json"],
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": "1",
                    "HF_ENDPOINT": hub.endpoint,
                    "HF_HUB_CACHE": str(tmp_path / "cache"),
                    "INTERESTREAM_REGISTRY": registry.store.url,
                    "INTERESTREAM_EXPORT_SOURCE": REPO,
                    "INTERESTREAM_EXPORT_RECIPE": "fp32-fused",
                },
                capture_output=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        first = export()
        downloads = len(hub.downloads)
        again = export()
        assert len(hub.downloads) == downloads
        hub.references["main"] = SECOND
        second = export()
    assert [result["published"] for result in (first, again, second)] == [True, False, True]
    assert again["reference"] == first["reference"]
    assert second["changes"] == [f"revision: {FIRST}, now {SECOND}"]
    manifests = [
        registry.manifest(parse_reference(result["reference"])) for result in (first, second)
    ]
    assert [m.revision for m in manifests] == [FIRST, SECOND]
    assert [m.max_tokens for m in manifests] == [32, 16]
    assert {(m.name, m.source) for m in manifests} == {("tiny", REPO)}
