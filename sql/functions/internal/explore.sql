CREATE OR REPLACE FUNCTION interestream.explore(
    p_picks integer[],
    p_scores real[],
    p_unseen boolean[],
    p_k integer,
    p_explore double precision
) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    c_loss constant double precision := 20;   -- times p_explore: what the score of a place may lose
    v_picks integer[] := p_picks;
    v_unseen integer[];   -- candidates that nobody has liked yet, best first
    v_pick integer;
    v_rank integer;
BEGIN
    IF p_explore > 0 THEN
        v_unseen := ARRAY(
            SELECT flags.place::integer
            FROM unnest(p_unseen) WITH ORDINALITY AS flags (unseen, place)
            WHERE flags.unseen
            ORDER BY flags.place
        );
        FOR i IN 1..floor(p_k * p_explore + 1e-9)::integer LOOP
            v_rank := ceil(i / p_explore - 1e-9);
            CONTINUE WHEN (
                SELECT count(*) >= i FROM unnest(v_picks[:v_rank]) AS above (pick) WHERE p_unseen[above.pick]
            );
            v_pick := (
                SELECT others.pick
                FROM unnest(v_unseen) WITH ORDINALITY AS others (pick, place)
                WHERE others.pick <> ALL(v_picks[:v_rank])
                ORDER BY others.place
                LIMIT 1
            );
            EXIT WHEN v_pick IS NULL;
            CONTINUE WHEN p_scores[v_pick] < p_scores[v_picks[v_rank]] - c_loss * p_explore;
            v_picks := v_picks[:v_rank - 1] || v_pick || array_remove(v_picks[v_rank:], v_pick);
        END LOOP;
    END IF;
    RETURN v_picks[:p_k];
END;
$$;

COMMENT ON FUNCTION interestream.explore IS
'p_picks (positions of candidates by rank) with room for what nobody has liked yet: of every 1 / p_explore ranks at least one, unless its score is lower by more than 20 * p_explore than that of the item whose rank it would take. p_scores and p_unseen have an entry for each candidate, best first. The first ranks do not depend on p_k.';

GRANT EXECUTE ON FUNCTION interestream.explore TO interestream_reader, interestream_admin;
