"""A disk with too little space is refused before anything is started."""

import shutil

import pytest

from jobs.errors import DiskSpaceError
from jobs.local.stack import fresh_postgres
from jobs.runtime.disk_space import check_disk_space


def test_a_full_disk_is_refused_with_both_sizes_and_nothing_is_written(small_disk):
    with pytest.raises(DiskSpaceError, match=r"has 0\.08 GB left, 1\.00 GB are needed"):
        check_disk_space(small_disk / "not" / "there" / "yet")
    with pytest.raises(DiskSpaceError), fresh_postgres(small_disk / "postgres"):
        pass
    assert list(small_disk.iterdir()) == []


def test_a_disk_with_enough_space_passes(tmp_path):
    free_bytes = shutil.disk_usage(tmp_path).free
    check_disk_space(tmp_path, free_bytes // 2)
    with pytest.raises(DiskSpaceError):
        check_disk_space(tmp_path, free_bytes * 2)
