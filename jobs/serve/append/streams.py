"""The streams that `interestream serve` appends to, by the configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.config import Config
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.judges import judge_of
from jobs.core.parsing.rules import Rules
from jobs.decoding.given_lines import given_line
from jobs.serve.append.appender import Appender
from jobs.serve.append.to_folder import FolderAppender
from jobs.serve.append.to_topic import TopicAppender


@dataclass(frozen=True)
class Streams:
    """Where records go, by stream, and the rules that the job judges them by."""

    appenders: Mapping[str, Appender] = field(default_factory=dict)
    rules: Rules = field(default_factory=lambda: Rules(frozenset()))

    def dead(self, stream: str, lines: Sequence[bytes]) -> dict[int, DeadLetter]:
        """The lines that would become dead letters, by their place from 0."""
        judge = judge_of(stream, self.rules)
        if not judge(lines):
            return {}
        return {place: letters[0] for place, line in enumerate(lines) if (letters := judge([line]))}


def streams_of(config: Config, root: Path | None = None) -> Streams:
    """The streams of `serve.accepts`: folders below `root` or `sources.root`, or topics."""
    appenders: dict[str, Appender] = {}
    foreign = config.sources.formats.foreign
    for stream in config.serve.accepts:
        wrap = given_line if stream in foreign else bytes
        if root is None and config.sources.kind == "kafka":
            appenders[stream] = TopicAppender(config.sources.kafka, stream, wrap)
        else:
            folder = (root or config.sources.root) / stream
            appenders[stream] = FolderAppender(stream, folder, wrap)
    return Streams(appenders, Rules.of(config.limits, frozenset(config.actions)))
