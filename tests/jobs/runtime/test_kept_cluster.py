"""What later commands find of a cluster that is kept."""

import os

import psutil
import pytest

from jobs.runtime.kept_cluster import (
    LAST_START_FILE,
    ClusterError,
    KeptCluster,
    answering_cluster,
    last_start,
    stop_cluster,
    write_state,
)
from jobs.runtime.processes import free_port
from tests.fakes.job_manager import job_manager


def keep(folder, port):
    """A cluster whose supervisor is this process."""
    own = psutil.Process(os.getpid())
    write_state(KeptCluster(folder, own.pid, own.create_time(), port, 1))


def test_a_cluster_that_answers_is_found_at_once(tmp_path):
    with job_manager() as flink:
        keep(tmp_path, int(flink.address.rpartition(":")[2]))
        found = answering_cluster(tmp_path, timeout_s=0)
    assert found is not None
    assert found.folder == tmp_path


def test_a_cluster_that_neither_answers_nor_ends_is_told(tmp_path):
    keep(tmp_path, free_port())
    with pytest.raises(ClusterError, match="has not answered for 0 s: `interestream cluster stop`"):
        answering_cluster(tmp_path, timeout_s=0)


def test_where_none_was_started_there_is_none(tmp_path):
    assert answering_cluster(tmp_path) is None
    assert last_start(tmp_path) == (1, {})
    assert not stop_cluster(tmp_path)


def test_how_the_last_one_was_started_is_known(tmp_path):
    (tmp_path / LAST_START_FILE).write_text('{"task_managers": 2, "options": {"a.b": "c"}}')
    assert last_start(tmp_path) == (2, {"a.b": "c"})
    (tmp_path / LAST_START_FILE).write_text("{")
    assert last_start(tmp_path) == (1, {})
