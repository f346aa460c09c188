"""Java takes the options, and compiles as they say."""

import subprocess

import pytest

from jobs.runtime.environment import job_environment
from jobs.runtime.java_options import LATE_OPTIMISATION, QUICK_START


@pytest.mark.parametrize("options", [LATE_OPTIMISATION, QUICK_START])
def test_java_starts_with_the_options_and_has_them(options, tmp_path):
    done = subprocess.run(
        ["java", *options.split(), "-XX:+PrintFlagsFinal", "-version"],
        env=job_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    flags = dict(line.split()[1::2][:2] for line in done.stdout.splitlines() if " = " in line)
    for option in options.split():
        name, value = option.removeprefix("-XX:").split("=")
        assert flags[name] == value
