"""Which files of the streams may go, look by look."""

import os
import shutil
from pathlib import Path

import pytest

from jobs.checkpoints import prune
from jobs.checkpoints.errors import CheckpointFormatError
from jobs.checkpoints.file_sources import FileSource
from jobs.checkpoints.prune import Pruner, PruneSettings, files_table
from jobs.config import load_config
from jobs.errors import ConfigError

JOB = "0123456789abcdef0123456789abcdef"
KEEP_S = 60.0


class World:
    """A folder of streams, and checkpoints whose content is given beside them.

    The metadata themselves are read in test_file_sources.py, written by Flink.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.streams = root / "streams"
        self.checkpoints = root / "checkpoints" / JOB
        self._sources: dict[str, list[FileSource]] = {}
        for stream in ("events", "items", "control"):
            (self.streams / stream).mkdir(parents=True)
        self.checkpoints.mkdir(parents=True)
        monkeypatch.setattr(prune, "read_file_sources", self._read)
        settings = PruneSettings(self.streams, self.checkpoints.parent, KEEP_S, every_s=1.0)
        self.pruner = Pruner(settings, JOB)

    def _read(self, folder: Path) -> list[FileSource]:
        (folder / "_metadata").read_bytes()
        return self._sources[folder.name]

    def file(self, name: str, stream: str = "events") -> Path:
        file = self.streams / stream / name
        file.write_bytes(b"{}\n")
        return file

    def path(self, name: str, stream: str = "events") -> str:
        return f"file:{self.streams / stream / name}"

    def checkpoint(
        self, number: int, found: list[str], unread: list[str] | None = None, sources: int = 1
    ) -> None:
        """A checkpoint of the source of events, or of several."""
        folder = self.checkpoints / f"chk-{number}"
        folder.mkdir()
        (folder / "_metadata").touch()
        source = FileSource(
            f"Source: {files_table('events')}[14]",
            frozenset(map(self.path, found)),
            frozenset(map(self.path, unread or [])),
        )
        nothing = FileSource(source.name, frozenset(), frozenset())
        self._sources[folder.name] = [source, nothing][:sources]

    def drop(self, number: int) -> None:
        shutil.rmtree(self.checkpoints / f"chk-{number}")

    def look(self, later_s: float = KEEP_S + 10) -> set[str]:
        """The files of events that are left after a look, `later_s` seconds from now."""
        newest = max(
            (file.stat().st_ctime for file in self.streams.rglob("*") if file.is_file()), default=0
        )
        self.pruner.prune(newest + later_s)
        return {file.name for file in (self.streams / "events").iterdir()}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def settled(world: World, *names: str) -> World:
    """A world whose first checkpoint has given way, in the eyes of the pruner."""
    for name in names:
        world.file(name)
    world.checkpoint(1, [])
    world.look()
    world.drop(1)
    return world


def test_a_file_goes_when_it_is_old_and_read(world: World) -> None:
    settled(world, "a", "b", "c", "d").checkpoint(2, found=["a", "b", "c"], unread=["b"])
    assert world.look(KEEP_S - 10) == {"a", "b", "c", "d"}
    assert world.look(KEEP_S + 10) == {"b", "d"}


def test_every_checkpoint_on_disk_must_have_read_it(world: World) -> None:
    settled(world, "a", "b").checkpoint(2, found=["a"])
    world.checkpoint(3, found=["a", "b"])
    assert world.look() == {"b"}
    world.drop(2)
    assert world.look() == set()


def test_nothing_goes_before_a_checkpoint_has_given_way_to_a_newer_one(world: World) -> None:
    world.file("a")
    world.checkpoint(1, found=["a"])
    assert world.look() == {"a"}
    world.checkpoint(2, found=["a"])
    assert world.look() == {"a"}
    world.drop(2)  # it has failed after all, and the first one is still what counts
    assert world.look() == {"a"}
    world.checkpoint(3, found=["a"])
    assert world.look() == {"a"}
    world.drop(1)
    assert world.look() == set()


def test_a_checkpoint_without_metadata_is_not_completed(world: World) -> None:
    settled(world, "a").checkpoint(2, found=["a"])
    (world.checkpoints / "chk-2" / "_metadata").unlink()
    assert world.look() == {"a"}


def test_checkpoints_of_other_jobs_say_nothing(world: World) -> None:
    settled(world, "a").checkpoint(2, found=["a"])
    other = world.checkpoints.parent / ("f" * 32)
    world.checkpoints.rename(other)
    assert world.look() == {"a"}


def test_all_sources_of_a_stream_must_have_read_it_and_there_must_be_one(world: World) -> None:
    settled(world, "a").checkpoint(2, found=["a"], sources=2)
    assert world.look() == {"a"}
    world.checkpoint(3, found=["a"], sources=0)
    world.drop(2)
    assert world.look() == {"a"}


def test_a_file_of_the_same_name_in_another_stream_is_another_file(world: World) -> None:
    item = world.file("a", stream="items")
    settled(world, "a").checkpoint(2, found=["a"])
    assert world.look() == set()
    assert item.exists()


def test_hidden_files_and_folders_are_left_alone(world: World) -> None:
    (world.streams / "events" / "folder").mkdir()
    settled(world, ".half", "_half").checkpoint(2, found=[".half", "_half", "folder"])
    assert world.look() == {".half", "_half", "folder"}


def test_the_age_counts_from_the_move_into_the_folder(world: World) -> None:
    file = world.file("a")
    os.utime(file, (0, 0))
    settled(world).checkpoint(2, found=["a"])
    assert world.look(KEEP_S - 10) == {"a"}


def test_a_checkpoint_that_cannot_be_read_keeps_every_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> list[FileSource]:
        raise CheckpointFormatError(f"{folder}")

    settled(world, "a").checkpoint(2, found=["a"])
    monkeypatch.setattr(prune, "read_file_sources", fails)
    with pytest.raises(CheckpointFormatError):
        world.look()
    assert (world.streams / "events" / "a").exists()


def test_keeping_files_for_a_time_needs_a_folder_of_checkpoints() -> None:
    with pytest.raises(ConfigError, match=r"keep_s needs checkpoints\.directory"):
        load_config(None, ["sources.keep_s=60"])
    config = load_config(None, ["sources.keep_s=60", "checkpoints.directory=chk"])
    settings = PruneSettings.of(config)
    assert settings is not None
    assert settings.checkpoints == Path("chk").absolute()
    assert settings.streams.is_absolute()
    assert settings.every_s == 15.0
    assert PruneSettings.of(load_config(None, ["checkpoints.directory=chk"])) is None
