"""The settings of every operator; they are pickled into the job when the graph is built."""

from dataclasses import dataclass

from jobs.config import Config
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.weights import ActionTable
from jobs.core.job_identity import JobIdentity
from jobs.core.parsing.rules import Rules
from jobs.operators.loaded_code import LOADED
from jobs.texts.sentiment import Sentiment


@dataclass(frozen=True)
class OperatorSettings:
    """The configuration, the job's identity, the sentiment of comments, and the package's code."""

    config: Config
    identity: JobIdentity
    sentiment: Sentiment
    code: str = LOADED
    """The package's code that the job was submitted with; every step compares it with its own."""

    @property
    def rules(self) -> Rules:
        """The rules that records are checked against."""
        return Rules.of(self.config.limits, frozenset(self.config.actions))

    @property
    def fold(self) -> FoldSettings:
        """The settings of the fold for the space's dimension."""
        config = self.config
        return FoldSettings.of(
            config.interest,
            self.identity.dim,
            config.neighbors,
            histories=config.sequence.enabled and config.interest.last_n > 0,
        )

    @property
    def actions(self) -> ActionTable:
        """The configured actions with their bits."""
        return ActionTable.of(self.config.actions, self.identity.action_bits)
