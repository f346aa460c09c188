"""The report as a page of Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

_MEASURES = ("HR@10", "NDCG@10", "recall@20", "MRR@20")


def report_page(report: Mapping[str, Any]) -> str:
    """The tables of a report (`jobs.evaluation.figures`, with `data`, `counts` and `settings`)."""
    counts, settings = report["counts"], report["settings"]
    parts = [
        f"# Recommendations on {report['data']}",
        f"{counts['questions']:,} questions of {counts['question_users']:,} users"
        f" ({settings['protocol']}, seed {settings['seed']}), from {counts['interactions']:,} first"
        f" interactions of {counts['users']:,} users with {counts['items']:,} items."
        " Intervals are at 95 %, by a bootstrap over users."
        " The page docs/evaluation.md of the project says what each figure means.",
        *(f"**{sentence}**" for sentence in report["notes"]),
        "## How often the answer is in the list",
        _table(
            ("system", *_MEASURES),
            [
                (name, *(_with_interval(one[key]) for key in _MEASURES))
                for name, one in report["systems"].items()
            ],
        ),
    ]
    if report["differences"]:
        parts += [
            "## Differences on the same questions",
            _table(
                ("", *_MEASURES),
                [
                    (
                        f"{one['of']} minus {one['from']}",
                        *(_with_interval(one[key], signed=True) for key in _MEASURES),
                    )
                    for one in report["differences"]
                ],
            ),
            "An interval without 0 is a difference that the sample of users does not explain.",
        ]
    parts += [
        "## By segment: HR@10 / NDCG@10",
        _segment_table(report),
        "The number of questions is in brackets; report.json has the intervals.",
        "## What the lists are like",
        _table(
            ("system", "coverage", "diversity", "novelty, bits", "popularity bias", "p50 / p95 ms"),
            [
                (
                    name,
                    _number(one["coverage"]),
                    *(_mean(one[key]) for key in ("diversity", "novelty", "popularity_bias")),
                    f"{one['ms']['p50']:.1f} / {one['ms']['p95']:.1f}" if one["ms"] else "",
                )
                for name, one in report["systems"].items()
            ],
        ),
        *_calibration(report["calibration"]),
        *(f"![{name}]({name})" for name in report["plots"]),
        "## Versions",
        "\n".join(f"- {name}: {found}" for name, found in report["versions"].items()),
    ]
    return "\n\n".join(parts) + "\n"


def _segment_table(report: Mapping[str, Any]) -> str:
    found = report["segments"]
    heads = [f"{name} ({one['questions']})" for name, one in found.items()]
    rows = [
        (
            system,
            *(
                f"{_mean(one['systems'][system]['HR@10'])} / "
                f"{_mean(one['systems'][system]['NDCG@10'])}"
                for one in found.values()
            ),
        )
        for system in report["systems"]
    ]
    return _table(("system", *heads), rows)


def _calibration(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return []
    rows = [
        (f"{predicted:.4f}", f"{observed:.4f}", str(items))
        for predicted, observed, items in zip(
            found["predicted"], found["observed"], found["items"], strict=True
        )
    ]
    return [
        "## Calibration",
        f"Mean distance of `parts.chance` and the share of right items: {found['error']:.4f}.",
        _table(("chance", "share that was right", "items"), rows),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _with_interval(found: Mapping[str, float] | None, *, signed: bool = False) -> str:
    if found is None:
        return ""
    form = "+.3f" if signed else ".3f"
    return f"{found['mean']:{form}} [{found['low']:{form}}, {found['high']:{form}}]"


def _mean(found: Mapping[str, float] | None) -> str:
    return "" if found is None else _number(found["mean"])


def _number(value: float) -> str:
    return f"{value:.3f}"
