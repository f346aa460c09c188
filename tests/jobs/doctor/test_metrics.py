"""The reporter of Prometheus, by who answers at its ports; a real one is in tests/cluster."""

from tests.fakes.answering import answering
from tests.fakes.job_manager import job_manager


def test_nothing_is_said_while_it_is_switched_off(doctor):
    with job_manager() as flink:
        assert doctor.look(jobmanager=flink.address).of("Metrics") == []


def test_nothing_is_said_where_no_cluster_runs(doctor):
    assert doctor.look("metrics.prometheus_port=9249").of("Metrics") == []


def test_the_ports_that_answer_are_named(doctor):
    with job_manager() as flink, answering(b"# HELP flink_x\nflink_x 1.0\n") as port:
        page = doctor.look(f"metrics.prometheus_port={port}", jobmanager=flink.address)
        ((level, found, _),) = page.of("Metrics")
    assert level == "ok"
    assert found.startswith("Flink answers Prometheus at port")
    assert str(port) in found


def test_ports_at_which_nobody_answers_are_a_warning(doctor):
    with job_manager() as flink:
        page = doctor.look("metrics.prometheus_port=1", jobmanager=flink.address)
        ((level, found, advice),) = page.of("Metrics")
    assert level == "warn"
    assert found == "no process of Flink answers Prometheus at 127.0.0.1, ports 1 to 20"
    assert "config.yaml" in advice
