"""The libraries that browsers load, unmodified from npm, and where each file is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Vendored:
    """A package of npm, of which one file and its licence are in `static/vendor/`."""

    package: str
    version: str
    licence: str
    """As SPDX writes it."""
    sha256: dict[str, str]
    """By file name."""


VENDORED = (
    Vendored(
        "htmx.org",
        "2.0.11",
        "0BSD",
        {
            "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
            "htmx-LICENSE": "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
        },
    ),
    Vendored(
        "chart.js",
        "4.6.1",
        "MIT",
        {
            "chart.umd.min.js": "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2",
            "chart-LICENSE.md": "41a84aa2caba645f966a18d9c2056b73e6d3a81d80bc0046bc0011a2634d4cce",
        },
    ),
)
