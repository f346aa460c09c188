"""What the configuration becomes among Flink's options."""

import zipfile

from jobs.config import load_config
from jobs.runtime.environment import flink_home
from jobs.runtime.flink_options import (
    JOB_MANAGER_OPTIONS,
    TASK_MANAGER_OPTIONS,
    flink_options,
    reporter_options,
)

STRATEGY = "restart-strategy."


def restarts(*settings: str) -> dict[str, str]:
    options = flink_options(load_config(None, list(settings)))
    return {
        key.removeprefix(STRATEGY): value
        for key, value in options.items()
        if key.startswith(STRATEGY)
    }


def test_no_number_of_restarts_ends_the_job_by_default():
    options = restarts()
    assert options["type"] == "exponential-delay"
    # Flink's default of this option is no limit.
    assert "exponential-delay.attempts-before-reset-backoff" not in options


def test_a_limit_counts_restarts_that_follow_each_other():
    options = restarts("checkpoints.max_restarts=1000")
    assert options["exponential-delay.attempts-before-reset-backoff"] == "1000"
    assert options["exponential-delay.reset-backoff-threshold"] == "60 s"


def test_a_job_may_end_at_its_first_failure():
    # Flink refuses a limit of 0 attempts.
    assert restarts("checkpoints.max_restarts=0") == {"type": "none"}


def test_flink_declares_these_options():
    with zipfile.ZipFile(next((flink_home() / "lib").glob("flink-dist-*.jar"))) as library:
        classes = [
            library.read(f"org/apache/flink/configuration/{name}Options.class")
            for name in ("Core", "RestartStrategy", "ResourceManager")
        ]
    options = flink_options(load_config(None, ["checkpoints.max_restarts=2"]))
    restart_options = [key for key in options if key.startswith(f"{STRATEGY}exponential-delay")]
    assert len(restart_options) == 5
    for key in [*restart_options, *JOB_MANAGER_OPTIONS, *TASK_MANAGER_OPTIONS]:
        assert any(key.encode() in declared for declared in classes), key


def test_prometheus_is_off_until_a_port_is_named():
    assert reporter_options(load_config().metrics) == {}


def test_the_processes_of_a_machine_have_a_range_of_ports_and_labels_stay_as_they_are():
    options = reporter_options(load_config(None, ["metrics.prometheus_port=9249"]).metrics)
    assert options["metrics.reporter.prom.port"] == "9249-9268"
    assert options["metrics.reporter.prom.filterLabelValueCharacters"] == "false"


def test_the_reporter_is_among_the_plugins_of_flink():
    options = reporter_options(load_config(None, ["metrics.prometheus_port=1"]).metrics)
    named = options["metrics.reporter.prom.factory.class"]
    (plugin,) = (flink_home() / "plugins" / "metrics-prometheus").glob("*.jar")
    with zipfile.ZipFile(plugin) as jar:
        services = "META-INF/services/org.apache.flink.metrics.reporter.MetricReporterFactory"
        assert named in jar.read(services).decode().split()
        package = "org/apache/flink/metrics/prometheus/"
        names = [name for name in jar.namelist() if name.startswith(package)]
        classes = b"".join(jar.read(name) for name in names)
    assert b"filterLabelValueCharacters" in classes
