"""The verdicts as a JSON document, for programs and over HTTP."""

from collections.abc import Sequence

from jobs.health.verdict import State, Verdict


def worst_state(verdicts: Sequence[Verdict]) -> State:
    """Return the state of the whole: that of the worst check."""
    return max(verdict.state for verdict in verdicts)


def health_document(verdicts: Sequence[Verdict]) -> dict[str, object]:
    """Return the state and one object for each check, in the order of the verdicts."""
    checks = [
        {
            "check": verdict.check,
            "state": verdict.state.name.lower(),
            "sentence": verdict.sentence,
            "value": verdict.value,
            **({} if verdict.topic is None else {"topic": verdict.topic.as_dict()}),
        }
        for verdict in verdicts
    ]
    return {"state": worst_state(verdicts).name.lower(), "checks": checks}
