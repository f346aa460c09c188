"""Who answers Prometheus as a process of Flink."""

from jobs.metrics.answering import answering_ports
from jobs.runtime.processes import free_port
from tests.fakes.answering import answering

OF_FLINK = b"# HELP flink_jobmanager_numRunningJobs x\nflink_jobmanager_numRunningJobs 1.0\n"


def test_another_program_and_a_closed_port_are_not_flink():
    with answering(OF_FLINK) as flink, answering(b"node_load1 0.5\n") as other:
        assert answering_ports("127.0.0.1", [other, flink, free_port()]) == [flink]


def test_no_port_is_asked_where_there_is_none():
    assert answering_ports("127.0.0.1", range(0)) == []
