import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from model_export.errors import ExportRunningError
from model_export.publishing import lock as lock_module
from model_export.publishing.lock import LOCK_FILE, STALE_S, Holder, export_lock, is_stale
from udfs.registry.registry import Registry, open_registry

NOW = datetime(2025, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    if request.param == "folder":
        return open_registry(tmp_path / "registry")
    return open_registry(f"memory://locks-{tmp_path.name}")


def test_a_second_export_of_a_name_is_told_who_holds_the_lock(registry):
    with export_lock(registry, "minilm"):
        second = export_lock(registry, "minilm")
        with pytest.raises(ExportRunningError, match=f"process {os.getpid()} on "):
            second.__enter__()
        with export_lock(registry, "another"):
            pass


def test_a_lock_is_free_again_after_the_export_and_after_its_failure(registry):
    with export_lock(registry, "minilm"):
        pass
    with pytest.raises(RuntimeError), export_lock(registry, "minilm"):
        raise RuntimeError
    with export_lock(registry, "minilm") as lock:
        assert lock.taken_over_from is None


def test_a_lock_file_is_no_version(registry):
    with export_lock(registry, "minilm"):
        assert registry.names() == []
        assert registry.versions("minilm") == []


def test_a_killed_export_in_a_folder_leaves_its_name_and_no_lock(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from model_export.publishing.lock import export_lock\n"
        "from udfs.registry.registry import open_registry\n"
        "with export_lock(open_registry(sys.argv[1]), 'minilm'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "minilm" / LOCK_FILE).read_bytes() != b""
    with export_lock(open_registry(tmp_path), "minilm") as lock:
        assert lock.taken_over_from is not None
        assert lock.taken_over_from.pid != os.getpid()


@pytest.mark.parametrize(("silent_s", "stale"), [(STALE_S - 1, False), (STALE_S + 1, True)])
def test_a_holder_without_a_sign_of_life_is_dead(silent_s, stale):
    alive_at = NOW - timedelta(seconds=silent_s)
    assert is_stale(Holder("t", "h", 1, alive_at.isoformat()), NOW) is stale


def held_by(registry: Registry, holder: Holder) -> None:
    registry.store.write(f"minilm/{LOCK_FILE}", lock_module._to_json(holder))


def test_the_lock_of_a_dead_export_in_an_object_store_is_taken_over(tmp_path):
    registry = open_registry(f"memory://stale-{tmp_path.name}")
    dead = Holder("theirs", "gone", 7, "2020-01-01T00:00:00+00:00")
    held_by(registry, dead)
    with export_lock(registry, "minilm") as lock:
        assert lock.taken_over_from == dead
        lock.require()
    assert registry.store.files("minilm") == []


def test_an_export_whose_lock_was_taken_over_must_not_publish(tmp_path):
    registry = open_registry(f"memory://lost-{tmp_path.name}")
    other = Holder("theirs", "other", 7, datetime.now(UTC).isoformat())
    with export_lock(registry, "minilm") as lock:
        held_by(registry, other)
        with pytest.raises(ExportRunningError, match="process 7 on other"):
            lock.require()
    assert registry.store.files("minilm") == [LOCK_FILE]


def test_the_holder_gives_signs_of_life_until_the_lock_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(lock_module, "BEAT_S", 0.02)
    registry = open_registry(f"memory://beats-{tmp_path.name}")
    path = f"minilm/{LOCK_FILE}"
    with export_lock(registry, "minilm"):
        mine = lock_module._read(registry.store, path)
        assert mine is not None
        silent = replace(mine, alive_at="2020-01-01T00:00:00+00:00")
        held_by(registry, silent)
        until = datetime.now(UTC) + timedelta(seconds=20)
        while lock_module._read(registry.store, path) == silent and datetime.now(UTC) < until:
            pass
        assert lock_module._read(registry.store, path) != silent
