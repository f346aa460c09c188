CREATE OR REPLACE FUNCTION interestream.trending(
    p_k integer DEFAULT 10,
    p_category text DEFAULT NULL,
    p_as_of timestamptz DEFAULT NULL,
    p_half_life interval DEFAULT '7 days',
    p_rows integer DEFAULT 20000,
    p_horizon text DEFAULT NULL,
    p_rising boolean DEFAULT false
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    interactions bigint,
    as_of timestamptz
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := (SELECT s.space_id FROM interestream.spaces AS s WHERE s.active);
    v_horizon text := p_horizon;
    v_default text;
BEGIN
    PERFORM interestream.check_k(p_k);
    IF p_as_of IS NOT NULL AND (p_horizon IS NOT NULL OR p_rising) THEN
        RAISE EXCEPTION 'p_as_of cannot be combined with p_horizon or p_rising'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The job keeps the newest window of each horizon.';
    END IF;
    IF NOT EXISTS (SELECT FROM interestream.trend_windows AS w WHERE w.space_id = v_space) THEN
        -- The job has counted nothing yet, so user_items answer.
        v_horizon := NULL;
    ELSIF v_horizon IS NOT NULL THEN
        IF NOT EXISTS (
            SELECT FROM interestream.trend_windows AS w WHERE w.space_id = v_space AND w.horizon = v_horizon
        ) THEN
            RAISE EXCEPTION 'there is no horizon %', v_horizon
                USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT horizon FROM interestream.trend_windows.';
        END IF;
    ELSIF p_rising OR (p_as_of IS NULL AND p_half_life = '7 days') THEN
        -- A week is what is popular lately; where no horizon has this name, it is the longest window.
        SELECT w.horizon INTO v_default
        FROM interestream.trend_windows AS w
        WHERE w.space_id = v_space
        ORDER BY w.horizon = 'week' DESC, w.length DESC NULLS LAST
        LIMIT 1;
        v_horizon := v_default;
        IF p_rising THEN
            SELECT w.horizon INTO v_horizon
            FROM interestream.trend_windows AS w
            WHERE w.space_id = v_space AND w.longer = v_default;
            -- A single window rises above all time.
            v_horizon := coalesce(v_horizon, v_default);
        END IF;
    END IF;
    IF v_horizon IS NULL THEN
        RETURN QUERY SELECT d.* FROM interestream.trending_decayed(p_k, p_category, p_as_of, p_half_life, p_rows) AS d;
    ELSE
        RETURN QUERY SELECT h.* FROM interestream.trending_horizon(v_space, v_horizon, p_k, p_category, p_rising) AS h;
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.trending IS
'The p_k most popular available items, best first, of p_category if it is given. Normally from what the job counts over p_horizon (a horizon of trend_windows; null: week, or the longest window where none has this name). score: the sum of the weights of positive interactions, of horizon all halved with every half-life; with p_rising, by how many standard deviations the interactions exceed what the next longer horizon predicts (null p_horizon: the next shorter one). Among equals the weight in the next longer horizon decides, then that of all time, then item_id. With p_as_of or another p_half_life than 7 days, or while the job has not counted yet, from the newest p_rows user-item pairs: see trending_decayed(). as_of: the event time reached. Error: invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.trending TO interestream_reader, interestream_admin;
