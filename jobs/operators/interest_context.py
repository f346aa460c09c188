"""The settings and the keyed state that the parts of the interest step share."""

from dataclasses import dataclass

from pyflink.datastream.functions import RuntimeContext

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.pair_messages import PairSender
from jobs.core.interest.weights import ActionTable
from jobs.core.parsing.rules import Rules
from jobs.operators.bucket_state import BucketState
from jobs.operators.click_counts import ClickCounts
from jobs.operators.contributions import Contributions
from jobs.operators.deferred_writes import DEFERRED, DeferredWrites
from jobs.operators.id_pages import IdPages
from jobs.operators.merged_users import MergedUsers
from jobs.operators.sequence_users import SequenceUsers
from jobs.operators.sequence_watch import SequenceWatch
from jobs.operators.settings import OperatorSettings
from jobs.operators.transfers import Transfers
from jobs.operators.user_store import UserStore
from jobs.operators.waiting_events import WAITING, WaitingEvents


@dataclass(frozen=True)
class InterestContext:
    """Settings of the interest step, and the keyed state of the current bucket."""

    settings: OperatorSettings
    rules: Rules
    fold: FoldSettings
    actions: ActionTable
    users: UserStore
    pages: IdPages
    waiting: WaitingEvents
    deferred: DeferredWrites
    merged: MergedUsers
    transfers: Transfers
    pairs: PairSender | None
    contributions: Contributions | None
    clicks: ClickCounts | None
    sequence: SequenceUsers | None

    @classmethod
    def open(cls, settings: OperatorSettings, runtime_context: RuntimeContext) -> "InterestContext":
        """The context of a task that starts; `runtime_context` gives access to its state."""
        config, fold = settings.config, settings.fold
        return cls(
            settings,
            settings.rules,
            fold,
            settings.actions,
            UserStore(
                runtime_context,
                fold.layout,
                config.retention.user_ttl_s,
                config.batching.cache_mb,
            ),
            IdPages(runtime_context, config.retention.duplicate_ttl_s),
            WaitingEvents(runtime_context.get_map_state(WAITING)),
            DeferredWrites(
                runtime_context.get_map_state(DEFERRED),
                round(config.interest.slow_delay_s * 1000),
            ),
            MergedUsers(runtime_context),
            Transfers(runtime_context, settings),
            PairSender(config.batching.buckets, fold.pairs) if fold.pairs else None,
            None
            if config.privacy.epsilon is None
            else Contributions(
                runtime_context, config.retention.user_ttl_s, config.privacy.per_user_day
            ),
            # Counts of all users are released with noise or not at all.
            ClickCounts(runtime_context, config.retention.user_ttl_s, config.feedback)
            if config.feedback.enabled and config.privacy.epsilon is None
            else None,
            SequenceUsers(
                SequenceWatch(config, settings.identity.space_id), config.sequence.time_share
            )
            if fold.histories
            else None,
        )

    def close(self) -> None:
        """Close what is open to Postgres."""
        self.transfers.close()
        if self.sequence is not None:
            self.sequence.close()


@dataclass(frozen=True)
class BucketTurn:
    """One call of the interest step.

    It holds the bucket and its state before the call, the current catalogue, and the processing
    time `now_ms` in epoch milliseconds.
    """

    bucket: int
    state: BucketState
    catalogue: Catalogue
    now_ms: int
