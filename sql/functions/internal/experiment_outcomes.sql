CREATE OR REPLACE FUNCTION interestream.experiment_outcomes(
    p_experiment text, p_action text DEFAULT NULL, p_per_user boolean DEFAULT false
) RETURNS TABLE (
    user_id text,
    number integer,
    period integer,
    exposures double precision,
    successes double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    WITH periods AS MATERIALIZED (
        SELECT
            known.since,
            row_number() OVER (ORDER BY known.since)::integer AS period,
            coalesce(
                lead(known.since) OVER (ORDER BY known.since),
                (SELECT own.ended_at FROM interestream.experiments AS own WHERE own.experiment = p_experiment),
                'infinity'
            ) AS until
        FROM interestream.experiment_shares AS known
        WHERE known.experiment = p_experiment
        GROUP BY known.since
    ),

    places AS MATERIALIZED (
        SELECT each.user_id, interestream.user_place(p_experiment, each.user_id) AS place
        FROM (
            SELECT DISTINCT known.user_id
            FROM interestream.shown_items AS known
            WHERE known.shown_at[1] >= (SELECT min(periods.since) FROM periods)
        ) AS each
    ),

    -- What counts as a success, and whether it has a weight: its time is then that of the signal, which no impression moves.
    wanted AS MATERIALIZED (
        SELECT bit_or(1::bigint << known.bit) AS bits, bool_and(known.weight <> 0) AS weighed
        FROM interestream.actions AS known
        WHERE CASE WHEN p_action IS NULL THEN known.weight * known.sign > 0 ELSE known.action = p_action END
    ),

    -- An item counts once for each user, in the period in which it was shown first.
    shown AS MATERIALIZED (
        SELECT places.user_id, places.place, known.item_id, first.shown_at
        FROM places
        JOIN interestream.shown_items AS known ON known.user_id = places.user_id
        CROSS JOIN LATERAL (
            SELECT min(times.shown_at) AS shown_at
            FROM unnest(known.shown_at) AS times (shown_at)
            WHERE times.shown_at >= (SELECT min(periods.since) FROM periods)
                AND times.shown_at < (SELECT max(periods.until) FROM periods)
        ) AS first
        WHERE first.shown_at IS NOT NULL
    )

    SELECT
        shown.user_id,
        variants.number,
        periods.period,
        CASE WHEN p_per_user THEN 1 ELSE count(*) END,
        count(*) FILTER (WHERE acted.user_id IS NOT NULL)
    FROM shown
    JOIN periods ON shown.shown_at >= periods.since AND shown.shown_at < periods.until
    JOIN interestream.experiment_shares AS shares
        ON shares.experiment = p_experiment AND shares.since = periods.since AND shares.places @> shown.place
    JOIN interestream.experiment_variants AS variants
        ON variants.experiment = p_experiment AND variants.variant = shares.variant
    CROSS JOIN wanted
    LEFT JOIN interestream.user_items AS acted
        ON acted.user_id = shown.user_id AND acted.item_id = shown.item_id AND acted.actions & wanted.bits <> 0
            AND (p_action IS NOT NULL OR acted.signal > 0)
            AND CASE WHEN wanted.weighed THEN acted.signal_at ELSE acted.last_at END >= shown.shown_at
            AND CASE WHEN wanted.weighed THEN acted.signal_at ELSE acted.last_at END
            < (SELECT max(periods.until) FROM periods)
    GROUP BY shown.user_id, variants.number, periods.period
$$;

COMMENT ON FUNCTION interestream.experiment_outcomes IS
'What the users of a split experiment did, by user, variant (its number) and period between two changes of the shares. exposures: items that were shown to the user since the start of the experiment (shown_items), each once, at its first time; with p_per_user 1. successes: those of them with which the user did p_action afterwards and before the end of the experiment (null: anything positive, and nothing negative since), by the time of the user''s newest signal; for an action without a weight by the newest event of any kind.';

GRANT EXECUTE ON FUNCTION interestream.experiment_outcomes TO interestream_reader, interestream_admin;
