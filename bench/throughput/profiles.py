"""Which parts of the job are switched on while it is measured, and how long its batches are."""

PROFILES: dict[str, tuple[str, ...]] = {
    "all": (),
    "one-window": (
        'interest.half_lives_s={"day":86400.0}',
        "interest.last_n=0",
        "interest.topics_half_life_s=0",
        "interest.dislikes_half_life_s=0",
        "interest.undo_last_n=0",
        "interest.relations=false",
        "trends.enabled=false",
        'interest.at_once=["day"]',
    ),
}
"""`--set` overrides of the job by profile: all steps and rows, or one half-life window per user
and nothing else."""

MODES: dict[str, int] = {"live": 100, "replay": 1_000}
"""Length of a batch in milliseconds, for the job and its peers alike."""
