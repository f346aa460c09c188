"""The command line as a process of its own."""

import subprocess
import sys

from model_export import exit_codes


def test_wrong_options_are_told_in_a_line_and_with_their_own_exit_code(tmp_path):
    """By a process of its own: there the command line ends, not a test's runner."""
    for options in (("--registry", tmp_path, "--nonsense"), ("--keep", "0"), ("bogus",)):
        done = subprocess.run(
            [sys.executable, "-m", "model_export", *map(str, options)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_codes.WRONG_OPTION
        assert "Traceback" not in done.stderr


def test_an_export_that_is_told_to_end_leaves_nothing_behind(tmp_path, model):
    """As systemd and Kubernetes end it: SIGTERM, while the graph is being made."""
    process = subprocess.Popen(
        [sys.executable, "-m", "model_export", "--out", tmp_path / "out", "--source", model],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Writing the graph"):
            process.terminate()
            break
    process.communicate(timeout=120)
    assert process.returncode == exit_codes.TERMINATED
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path.name for path in left if path.read_bytes()] == []
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
