CREATE OR REPLACE FUNCTION interestream.ratio_mismatch(
    p_periods integer[], p_users bigint[], p_shares double precision[]
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    -- The smallest of several chances, times how many there are (Bonferroni).
    SELECT CASE WHEN count(*) > 0 THEN
        least(min(interestream.chi_square_tail(period.statistic, period.freedom)) * count(*), 1)
    END
    FROM (
        SELECT
            cells.period,
            sum(power(cells.users - cells.expected, 2) / nullif(cells.expected, 0)) AS statistic,
            count(*)::integer - 1 AS freedom,
            min(cells.expected) AS least
        FROM (
            SELECT
                own.period, own.users,
                sum(own.users) OVER each * own.share / sum(own.share) OVER each AS expected
            FROM unnest(p_periods, p_users, p_shares) AS own (period, users, share)
            WHERE own.share > 0
            WINDOW each AS (PARTITION BY own.period)
        ) AS cells
        GROUP BY cells.period
    ) AS period
    -- The chi-square distribution fits from about 5 expected users on.
    WHERE period.freedom > 0 AND period.least >= 5
$$;

COMMENT ON FUNCTION interestream.ratio_mismatch IS
'The chance that users split so unevenly if each variant of a period has its share of them: Pearson''s chi-square test for each period, and the smallest chance times the number of periods. The arrays have an entry for each period and variant. Null before 5 users are expected of each.';

GRANT EXECUTE ON FUNCTION interestream.ratio_mismatch TO interestream_reader, interestream_admin;
