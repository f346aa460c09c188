"""Streams, disks, checkpoints and the configuration, each missing, wrong and right."""

import os
import time
from pathlib import Path

import pytest

from jobs.datasets.feed import DirectoryFeed
from tests.fakes.job_manager import job_manager


def test_a_missing_folder_of_streams_is_a_warning_with_the_command(doctor, tmp_path):
    root = tmp_path / "data" / "streams"
    ((level, found, advice),) = doctor.look(f"sources.root={root}").of("Streams")
    assert (level, found) == ("warn", f"{root} does not exist yet; the job would make it")
    assert f"mkdir -p {root}" in advice


def test_a_file_in_the_place_of_a_folder_fails(doctor, tmp_path):
    root = tmp_path / "streams"
    root.touch()
    settings = [f"sources.root={root}", f"checkpoints.directory={root}"]
    page = doctor.look(*settings)
    assert page.of("Streams")[0][:2] == ("fail", f"{root} is a file")
    assert page.of("Checkpoints")[0][:2] == ("fail", f"{root} is a file")
    root.unlink()
    root.mkdir()
    (root / "events").touch()
    assert doctor.look(*settings).of("Streams")[0][:2] == ("fail", f"{root / 'events'} is a file")


def test_files_are_counted_and_many_are_a_warning(doctor, tmp_path):
    feed = DirectoryFeed(tmp_path / "streams")
    for number in range(3):
        feed.write_events([{"event_id": number}])
    (tmp_path / "streams" / "events" / ".hidden").touch()
    setting = f"sources.root={tmp_path / 'streams'}"
    ((level, found, _),) = doctor.look(setting).of("Streams")
    assert level == "ok"
    assert "files: 3 in events, 0 in items, 0 in control" in found
    for number in range(1_000):
        (tmp_path / "streams" / "items" / f"{number}.ndjson").touch()
    ((level, found, advice),) = doctor.look(setting).of("Streams")
    assert level == "warn"
    assert found.startswith(f"1,000 files in {tmp_path / 'streams' / 'items'}")
    assert "move" in advice


def test_rights_that_are_missing_are_named(doctor, tmp_path, monkeypatch):
    # Root may read everything, so the kernel's answer is given for it.
    root = tmp_path / "streams"
    (root / "events").mkdir(parents=True)
    real = os.access
    locked = {root / "events": os.W_OK, tmp_path / "state": os.R_OK}

    def access(path: Path, mode: int) -> bool:
        return not (locked.get(Path(path), 0) & mode) and real(path, mode)

    monkeypatch.setattr(os, "access", access)
    (tmp_path / "state").mkdir()
    page = doctor.look(f"sources.root={root}", f"checkpoints.directory={tmp_path / 'state'}")
    level, found, advice = page.of("Streams")[0]
    assert (level, found) == ("fail", f"this user may not write {root / 'events'}")
    assert advice.startswith("chown")
    assert page.of("Checkpoints")[0][:2] == (
        "fail",
        f"this user may not read and write {tmp_path / 'state'}",
    )


def test_a_folder_that_is_gone_fails_while_a_job_runs(doctor, tmp_path):
    root = tmp_path / "streams"
    DirectoryFeed(root)
    (root / "events").rename(tmp_path / "aside")
    assert doctor.look(f"sources.root={root}").of("Streams")[0][0] == "ok"
    with job_manager() as flink:
        flink.add_job("RUNNING")
        for gone in (root / "events", root):
            page = doctor.look(f"sources.root={root}", jobmanager=flink.address)
            ((level, found, advice),) = page.of("Streams")
            assert (level, found.partition(":")[0]) == ("fail", f"{gone} is gone while a job runs")
            assert "move it back" in advice
            if root.exists():
                root.rename(tmp_path / "whole")
        flink.add_job("CANCELED")
        page = doctor.look(f"sources.root={root}", jobmanager=flink.address)
        assert page.of("Streams")[0][0] == "warn"


def test_a_folder_that_nobody_may_read_fails(doctor, tmp_path):
    root = tmp_path / "streams"
    DirectoryFeed(root)
    (root / "events").chmod(0)
    ((level, found, advice),) = doctor.look(f"sources.root={root}").of("Streams")
    (root / "events").chmod(0o755)
    assert level == "fail"
    assert "Flink reports no error, and reads nothing from it" in found
    assert str(root / "events") in advice


def test_a_disk_that_is_full_fails_and_another_one_does_not(doctor, small_disk):
    page = doctor.look(f"sources.root={small_disk / 'streams'}")
    (full, fine) = page.of("Disk")
    assert full[0] == "fail"
    assert full[1].startswith(f"the disk of {small_disk / 'streams'} has 0.08 GB left, 1.00 GB")
    assert fine[0] == "ok"
    assert fine[1].endswith("free for home")


def test_checkpoints_in_memory_are_a_warning(doctor):
    ((level, found, advice),) = doctor.look().of("Checkpoints")
    assert level == "warn"
    assert "stay in the JobManager's memory" in found
    assert advice.endswith("--set checkpoints.directory=/data/checkpoints")


def test_the_newest_completed_checkpoint_is_named_with_its_age(doctor, tmp_path):
    folder = tmp_path / "checkpoints"
    setting = f"checkpoints.directory={folder}"
    assert doctor.look(setting).of("Checkpoints")[0][0] == "warn"
    # Flink makes a checkpoint's folder at its begin and the metadata at its end.
    (folder / "a1" / "chk-9").mkdir(parents=True)
    ((level, found, _),) = doctor.look(setting).of("Checkpoints")
    assert (level, found) == ("warn", f"{folder} holds no completed checkpoint")
    for number, hours in ((7, 5), (8, 3)):
        metadata = folder / "a1" / f"chk-{number}" / "_metadata"
        metadata.parent.mkdir()
        metadata.touch()
        os.utime(metadata, (time.time() - hours * 3600, time.time() - hours * 3600))
    ((level, found, _),) = doctor.look(setting).of("Checkpoints")
    assert (level, found) == (
        "ok",
        f"the newest completed one is 3 h old: {folder / 'a1' / 'chk-8'}",
    )


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("[sources\n", "cannot read the configuration"),
        ("[sources]\nrot = 1\n[batching]\nbuckets = 0\n", "sources.rot: Extra inputs"),
        ("[database]\ndsn2 = 'postgresql://ada:s3cret@x'\n", "database.dsn2"),
    ],
)
def test_a_broken_configuration_has_its_line_and_the_others_are_checked(
    doctor, tmp_path, content, part
):
    path = tmp_path / "job.toml"
    path.write_text(content)
    page = doctor.look(config=path)
    ((level, found, advice),) = page.of("Configuration")
    assert level == "fail"
    assert part in found
    assert "interestream config" in advice
    assert page.of("Disk")[0][0] == "ok"
    assert "s3cret" not in page.text()


def test_a_configuration_that_is_not_there_and_a_wrong_setting_have_their_line(doctor, tmp_path):
    page = doctor.look(config=tmp_path / "none.toml")
    assert "No such file" in page.of("Configuration")[0][1]
    assert "batching.buckets" in doctor.look("batching.buckets=0").of("Configuration")[0][1]


def test_a_configuration_that_is_right_is_ok(doctor, tmp_path):
    path = tmp_path / "job.toml"
    path.write_text("[batching]\nbuckets = 2\n")
    ((level, found, _),) = doctor.look("batching.batch_ms=50", config=path).of("Configuration")
    assert (level, found) == ("ok", f"{path} and 1 setting of --set: every key can be used")


def test_two_different_databases_are_a_warning(doctor, tmp_path):
    path = tmp_path / "job.toml"
    path.write_text("[database]\ndsn = 'postgresql://ada:s3cret@127.0.0.1:1/a'\n")
    page = doctor.look(config=path, dsn="postgresql://ada:s3cret@127.0.0.1:1/b")
    assert [level for level, _, _ in page.of("Configuration")] == ["ok", "warn"]
    assert "s3cret" not in page.text()
