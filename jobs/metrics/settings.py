"""The section `metrics` of the configuration."""

from pydantic import Field

from jobs.config_section import Section

PORTS = 20
"""Ports of which a process takes the first that is free: several run on one machine, and one that
takes another's place may come before that has ended."""


class Metrics(Section):
    """What the job tells a monitoring system."""

    prometheus_port: int = Field(0, ge=0, le=65_535 - PORTS)
    """First of 20 ports at which the processes of Flink that `interestream` starts answer
    Prometheus, each at the first that is free; 0: none. A cluster that runs already must be
    started anew (see docs/monitoring.md)."""

    def ports(self) -> range:
        """The ports that may answer; none while the reporter is off."""
        first = self.prometheus_port
        return range(first, first + PORTS) if first else range(0)
