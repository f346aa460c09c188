"""Features of the processor that the speed of integer arithmetic depends on."""

import platform
from dataclasses import dataclass
from pathlib import Path

FEATURES = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
"""Features that matter, by Linux's names."""


@dataclass(frozen=True, slots=True)
class Processor:
    """The machine that a search ran on."""

    model: str
    features: tuple[str, ...]

    @property
    def has_integer_products(self) -> bool:
        """Whether products of bytes are summed in 32 bits in one step (VNNI, AMX and the like)."""
        return bool({"avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm"} & {*self.features})


def this_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> Processor:
    """Return the processor as Linux describes it; elsewhere only its name is known."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return Processor(platform.processor() or platform.machine(), ())
    # Cores repeat these lines: read backwards, so that the first core's values remain.
    fields = {
        key.strip(): value.strip()
        for key, _, value in (line.partition(":") for line in reversed(lines))
    }
    flags = {*fields.get("flags", fields.get("Features", "")).split()}
    return Processor(
        fields.get("model name", platform.machine()),
        tuple(name for name in FEATURES if name in flags),
    )
