"""The section of the configuration that says how long things are kept."""

from pydantic import Field, model_validator

from jobs.config_section import Section


class Retention(Section):
    """How long the job keeps its state, and how long `interestream maintain` keeps what no job
    needs; there, 0 keeps it for ever."""

    duplicate_ttl_s: int = Field(604_800, gt=0)
    """How long a repeated event_id is recognised as a duplicate, in seconds of processing time."""
    duplicate_last_n: int = Field(4_096, gt=0)
    """Number of a user's event ids within that time that lie with the user's state; the ids of
    users with more lie in pages by event time, which cost two look-ups more. Both are recognised.
    """
    waiting_ttl_s: int = Field(3_600, gt=0)
    """How long an event waits for its item, in seconds of processing time."""
    user_ttl_s: int = Field(34_560_000, gt=0)
    """How long the state of a user without events is kept, in seconds of processing time."""
    topic_history_days: int = Field(28, ge=0, le=400)
    """Number of days for which `interestream maintain` keeps the topics of each user
    (`user_topic_history`); 0 keeps none."""
    dead_letters_s: int = Field(7_776_000, ge=0)
    """How long a dead letter is kept, in seconds (90 days); its number stays in
    `removed_dead_letters`. 0 keeps it for ever, as for all keys below."""
    spaces_s: int = Field(7_776_000, ge=0)
    """How long a space is kept that is neither active nor the previous one, since it was last made,
    activated or written to, in seconds (90 days)."""
    users_s: int = Field(0, ge=0)
    """How long the rows of a user without events are kept, in seconds; at least `user_ttl_s`."""
    user_items_s: int = Field(0, ge=0)
    """How long the rows of `user_items` of a user without events are kept, in seconds. What is
    removed may be recommended to the user again."""
    shown_items_s: int = Field(5_184_000, ge=0)
    """How long a row of `shown_items` is kept that nothing was added to, in seconds (60 days); by
    then it counts less than a hundredth of what it did."""
    withdrawn_items_s: int = Field(0, ge=0)
    """How long an item that was withdrawn is kept, in seconds; then it is deleted for good, and its
    id is not accepted again."""
    transfers_s: int = Field(86_400, ge=0)
    """How long rows of `transfers` are kept that no run of the job reads any more, in seconds."""
    checkpoints_s: int = Field(604_800, ge=0)
    """How long checkpoints of an ended job are kept, in seconds (7 days); the newest state of each
    space, savepoints, and all that a kept one refers to stay."""
    logs_s: int = Field(2_592_000, ge=0)
    """How long logs of ended processes of `interestream cluster` are kept, in seconds (30 days)."""
    bundles_s: int = Field(7_776_000, ge=0)
    """How long a fetched bundle is kept in `encoder.bundle_cache` that is of no space and that
    nobody has opened, in seconds (90 days)."""
    store_mb: int = Field(10_000, ge=0)
    """Size beyond which the oldest vectors of `encoder.store` are removed, in megabytes."""

    @model_validator(mode="after")
    def _rows_stay_as_long_as_the_state(self) -> "Retention":
        if 0 < self.users_s < self.user_ttl_s:
            raise ValueError(
                f"users_s ({self.users_s}) must be 0, or at least user_ttl_s ({self.user_ttl_s}): a"
                " job that still has a user's state writes only the rows that change"
            )
        return self
