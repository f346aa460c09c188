-- Compares each variant with the control, from what each user did with each variant in each period.
CREATE OR REPLACE FUNCTION interestream.compare_variants(
    p_users text[],
    p_numbers integer[],
    p_periods integer[],
    p_exposures double precision[],
    p_successes double precision[]
) RETURNS TABLE (
    number integer,
    users bigint,
    exposures double precision,
    successes double precision,
    log_lift double precision,
    variance double precision
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 6
AS $$
    WITH cells AS MATERIALIZED (
        SELECT own.*
        FROM unnest(p_users, p_numbers, p_periods, p_exposures, p_successes)
            AS own (user_id, number, period, exposures, successes)
        WHERE own.exposures > 0
    ),

    totals AS MATERIALIZED (
        SELECT cells.number, cells.period, sum(cells.exposures) AS exposures, sum(cells.successes) AS successes
        FROM cells
        GROUP BY cells.number, cells.period
    ),

    -- The periods that a variant shares with the control, each with its share of both's exposures: where the shares
    -- changed, a variant that grew has more of the later days, which are compared with the later days alone.
    shared AS MATERIALIZED (
        SELECT
            own.number, own.period, own.exposures, own.successes / own.exposures AS rate,
            control.exposures AS control_exposures, control.successes / control.exposures AS control_rate,
            (own.exposures + control.exposures)
            / sum(own.exposures + control.exposures) OVER (PARTITION BY own.number) AS weight
        FROM totals AS own
        JOIN totals AS control ON control.period = own.period AND control.number = 1
        WHERE own.number > 1
    ),

    rates AS MATERIALIZED (
        SELECT
            shared.number,
            nullif(sum(shared.weight * shared.rate), 0) AS rate,
            nullif(sum(shared.weight * shared.control_rate), 0) AS control_rate
        FROM shared
        GROUP BY shared.number
    ),

    -- What each user adds to ln(rate / control_rate), to the first order (the delta method). A user who is in both
    -- sides adds to both, so that the sum of the squares knows that they belong together.
    influences AS (
        SELECT
            shared.number,
            sum(
                CASE cells.number
                    WHEN 1 THEN -shared.weight * (cells.successes - shared.control_rate * cells.exposures)
                    / shared.control_exposures / rates.control_rate
                    ELSE shared.weight * (cells.successes - shared.rate * cells.exposures)
                    / shared.exposures / rates.rate
                END
            ) AS influence
        FROM shared
        JOIN rates ON rates.number = shared.number
        JOIN cells ON cells.period = shared.period AND cells.number IN (1, shared.number)
        GROUP BY shared.number, cells.user_id
    ),

    errors AS (
        SELECT
            influences.number,
            sum(power(influences.influence, 2)) * count(*) / nullif(count(*) - 1, 0) AS variance
        FROM influences
        GROUP BY influences.number
    )

    SELECT
        own.number,
        own.users,
        own.exposures,
        own.successes,
        ln(rates.rate / rates.control_rate),
        CASE WHEN rates.rate > 0 AND rates.control_rate > 0 THEN errors.variance END
    FROM (
        SELECT
            cells.number, count(DISTINCT cells.user_id) AS users,
            sum(cells.exposures) AS exposures, sum(cells.successes) AS successes
        FROM cells
        GROUP BY cells.number
    ) AS own
    LEFT JOIN rates ON rates.number = own.number
    LEFT JOIN errors ON errors.number = own.number
    ORDER BY own.number
$$;

COMMENT ON FUNCTION interestream.compare_variants IS
'For each variant its users, exposures and successes, and against variant 1 the logarithm of the ratio of the rates (successes over exposures) and its variance over users (delta method, clustered by user). The arrays are the columns of a table with a row for each user, variant and period; rates are compared within periods and weighed by exposures. Both are null for variant 1 and where a rate is 0.';

GRANT EXECUTE ON FUNCTION interestream.compare_variants TO interestream_reader, interestream_admin;
