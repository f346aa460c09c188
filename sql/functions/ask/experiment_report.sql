CREATE OR REPLACE FUNCTION interestream.experiment_report(
    p_experiment text DEFAULT NULL, p_action text DEFAULT NULL, p_per_user boolean DEFAULT false
) RETURNS TABLE (
    variant text,
    share double precision,
    users bigint,
    exposures bigint,
    successes bigint,
    rate double precision,
    lift double precision,
    low double precision,
    high double precision,
    low_once double precision,
    high_once double precision,
    verdict text,
    mismatch double precision,
    warnings text[]
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2
SET search_path FROM CURRENT
AS $$
DECLARE
    c_mismatch constant double precision := 0.001;   -- chance below which a split is not what it should be
    c_least constant integer := 30;                  -- successes from which a variant is judged
    -- Two-sided quantiles of the normal distribution at 5 % over 1 to 5 comparisons.
    c_quantiles constant double precision[] := '{1.959964, 2.241403, 2.393980, 2.497705, 2.575829}';
    v_experiment interestream.experiments;
    v_comparisons integer;
    v_users text[];
    v_numbers integer[];
    v_periods integer[];
    v_exposures double precision[];
    v_successes double precision[];
    v_mismatch double precision;
    v_moved bigint := 0;
BEGIN
    SELECT e.* INTO v_experiment
    FROM interestream.experiments AS e
    WHERE e.experiment = p_experiment OR p_experiment IS NULL
    ORDER BY e.started_at DESC
    LIMIT 1;
    IF NOT FOUND AND p_experiment IS NULL THEN
        RETURN;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no experiment %', p_experiment
            USING ERRCODE = 'invalid_parameter_value',
            HINT = '`interestream experiment list` names them, as does SELECT experiment FROM interestream.experiments.';
    END IF;
    IF p_action IS NOT NULL AND NOT EXISTS (SELECT FROM interestream.actions AS a WHERE a.action = p_action) THEN
        RAISE EXCEPTION 'there is no action %', p_action
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT action FROM interestream.actions lists them.';
    END IF;
    IF v_experiment.kind = 'interleaving' AND (p_action IS NOT NULL OR p_per_user) THEN
        RAISE EXCEPTION 'clicks of experiment % are counted by list, not by action or user', v_experiment.experiment
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It interleaves: leave out p_action and p_per_user.';
    END IF;
    SELECT count(*) - 1 INTO v_comparisons
    FROM interestream.experiment_variants AS known WHERE known.experiment = v_experiment.experiment;
    IF v_experiment.kind = 'split' THEN
        SELECT
            array_agg(own.user_id), array_agg(own.number), array_agg(own.period), array_agg(own.exposures),
            array_agg(own.successes)
        INTO v_users, v_numbers, v_periods, v_exposures, v_successes
        FROM interestream.experiment_outcomes(v_experiment.experiment, p_action, p_per_user) AS own;
        SELECT count(*) INTO v_moved
        FROM (
            SELECT FROM unnest(v_users, v_numbers) AS own (user_id, number)
            GROUP BY own.user_id HAVING min(own.number) < max(own.number)
        ) AS moved;
        SELECT interestream.ratio_mismatch(array_agg(split.period), array_agg(split.users), array_agg(split.share))
        INTO v_mismatch
        FROM (
            SELECT known.period, known.share, counted.users
            FROM (
                SELECT
                    variants.number, shares.share, dense_rank() OVER (ORDER BY shares.since)::integer AS period
                FROM interestream.experiment_shares AS shares
                JOIN interestream.experiment_variants AS variants
                    ON variants.experiment = shares.experiment AND variants.variant = shares.variant
                WHERE shares.experiment = v_experiment.experiment
            ) AS known
            CROSS JOIN LATERAL (
                SELECT count(*) AS users
                FROM unnest(v_numbers, v_periods) AS own (number, period)
                WHERE own.number = known.number AND own.period = known.period
            ) AS counted
        ) AS split;
    END IF;

    RETURN QUERY
    WITH compared AS MATERIALIZED (
        SELECT own.number, own.users, own.exposures, own.successes, own.log_lift, own.variance
        FROM interestream.compare_variants(v_users, v_numbers, v_periods, v_exposures, v_successes) AS own
        WHERE v_experiment.kind = 'split'
        UNION ALL
        SELECT counted.*
        FROM interestream.compare_teams(v_experiment.experiment) AS counted
        WHERE v_experiment.kind = 'interleaving'
    ),

    judged AS MATERIALIZED (
        SELECT
            known.variant, known.number, own.users, own.exposures, own.successes,
            coalesce(sizes.places, 0) / 10000.0::double precision AS share,
            own.log_lift,
            least(coalesce(own.successes, 0), coalesce(first_value(own.successes) OVER (ORDER BY known.number), 0))
            >= c_least AND own.variance > 0 AS enough,
            c_quantiles[v_comparisons] * sqrt(own.variance) AS once,
            -- A mixture sequential test of the logarithm of the lift, see docs/experiments.md.
            sqrt(
                own.variance * (1 + own.variance / prior.variance)
                * (ln(1 + prior.variance / nullif(own.variance, 0)) - 2 * ln(0.05 / v_comparisons))
            ) AS always
        FROM interestream.experiment_variants AS known
        LEFT JOIN compared AS own ON own.number = known.number
        CROSS JOIN (SELECT power(ln(1 + v_experiment.expected_lift), 2) AS variance) AS prior
        CROSS JOIN LATERAL (
            SELECT sum(upper(each.places) - lower(each.places)) AS places FROM unnest(known.places) AS each (places)
        ) AS sizes
        WHERE known.experiment = v_experiment.experiment
    )

    SELECT
        judged.variant,
        judged.share,
        CASE v_experiment.kind WHEN 'split' THEN coalesce(judged.users, 0) END,
        coalesce(judged.exposures, 0)::bigint,
        coalesce(judged.successes, 0)::bigint,
        judged.successes / nullif(judged.exposures, 0),
        exp(judged.log_lift) - 1,
        CASE WHEN judged.enough THEN exp(judged.log_lift - judged.always) - 1 END,
        CASE WHEN judged.enough THEN exp(judged.log_lift + judged.always) - 1 END,
        CASE WHEN judged.enough THEN exp(judged.log_lift - judged.once) - 1 END,
        CASE WHEN judged.enough THEN exp(judged.log_lift + judged.once) - 1 END,
        CASE
            WHEN judged.number = 1 THEN 'control'
            WHEN v_mismatch < c_mismatch THEN 'split mismatch'
            WHEN judged.enough IS NOT TRUE THEN 'too early'
            WHEN judged.log_lift > judged.always THEN 'better'
            WHEN judged.log_lift < -judged.always THEN 'worse'
            ELSE 'no difference shown'
        END,
        v_mismatch,
        array_remove(ARRAY[
            CASE WHEN v_mismatch < c_mismatch THEN
                'The users are not split as the shares say: what reports the impressions may lose those of a variant, so the rates cannot be compared.'
            END,
            CASE WHEN v_moved > 0 THEN
                v_moved || ' users had more than one variant, since shares became smaller: what they saw before may act on.'
            END,
            CASE WHEN judged.enough AND abs(judged.log_lift) > judged.once AND abs(judged.log_lift) <= judged.always THEN
                'low_once and high_once leave out 0, but low and high do not: this is a difference only if the moment of this one look was chosen before the start.'
            END
        ], NULL)
    FROM judged
    ORDER BY judged.number;
END;
$$;

COMMENT ON FUNCTION interestream.experiment_report IS
'How the variants of p_experiment (null: the one that started last; no rows before the first one) do against the first one, the control. exposures: items that were shown to users of the variant; successes: those with which they did p_action (null: anything positive) afterwards; with p_per_user exposures are users. rate: successes / exposures; lift: 0.1 is 10 % more than the control, within the periods between changes of the shares. low, high: the interval of the lift at 95 % however often one looks; low_once, high_once: for one look, chosen before the start. With several variants, all intervals hold together. verdict: by low and high; too early before 30 successes of each. mismatch: the chance of so uneven a split, which below 0.001 is a warning. An experiment that interleaves counts the impressions that name a variant (click_counts). Errors: invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.experiment_report TO interestream_reader, interestream_admin;
