"""The metrics: whether processes of Flink answer Prometheus, where that is switched on."""

from jobs.doctor.finding import Finding, ok, warn
from jobs.doctor.situation import Situation
from jobs.errors import InterestreamError
from jobs.metrics.answering import answering_ports
from jobs.runtime.find_flink import find_flink

AREA = "Metrics"
RESTART = (
    "the cluster was started without it: `interestream cluster stop`, then `interestream submit"
    " --resume` with this setting"
)
OF_YOUR_OWN = "set the reporter in the config.yaml of each process (docs/monitoring.md)"


def check_metrics(situation: Situation) -> list[Finding]:
    """Check that somebody answers at the ports of `metrics.prometheus_port`, where one is set.

    Of a cluster of one's own the host of the JobManager is asked: TaskManagers may be elsewhere.
    """
    ports = situation.config.metrics.ports()
    if not ports:
        return []
    try:
        if find_flink(situation.jobmanager, situation.cluster) is None:
            return []  # The area of the cluster says so.
    except InterestreamError:
        return []
    host = situation.jobmanager.rpartition(":")[0] or "127.0.0.1"
    found = answering_ports(host, ports)
    if found:
        places = ", ".join(map(str, found))
        plural = "" if len(found) == 1 else "s"
        return [ok(AREA, f"Flink answers Prometheus at port{plural} {places} of {host}")]
    nobody = f"no process of Flink answers Prometheus at {host}, ports {ports[0]} to {ports[-1]}"
    return [warn(AREA, nobody, OF_YOUR_OWN if situation.jobmanager else RESTART)]
