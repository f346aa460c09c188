CREATE OR REPLACE FUNCTION interestream.team_draft(
    p_first text[], p_second text[], p_k integer, p_coins text
) RETURNS TABLE (rank integer, team integer, place integer)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 10
AS $$
DECLARE
    v_next integer[] := '{1, 1}';      -- where each team looks for its next item
    v_picks integer[] := '{0, 0}';
    v_taken text[] := '{}';
BEGIN
    rank := 0;
    WHILE rank < p_k LOOP
        WHILE v_next[1] <= cardinality(p_first) AND p_first[v_next[1]] = ANY(v_taken) LOOP
            v_next[1] := v_next[1] + 1;
        END LOOP;
        WHILE v_next[2] <= cardinality(p_second) AND p_second[v_next[2]] = ANY(v_taken) LOOP
            v_next[2] := v_next[2] + 1;
        END LOOP;
        EXIT WHEN v_next[1] > cardinality(p_first) AND v_next[2] > cardinality(p_second);
        team := CASE
            WHEN v_next[1] > cardinality(p_first) THEN 2
            WHEN v_next[2] > cardinality(p_second) THEN 1
            WHEN v_picks[1] < v_picks[2] THEN 1
            WHEN v_picks[1] > v_picks[2] THEN 2
            ELSE 1 + get_byte(sha256(convert_to(p_coins || ':' || v_picks[1], 'UTF8')), 0) % 2
        END;
        place := v_next[team];
        v_taken := v_taken || CASE team WHEN 1 THEN p_first[place] ELSE p_second[place] END;
        v_picks[team] := v_picks[team] + 1;
        rank := rank + 1;
        RETURN NEXT;
    END LOOP;
END;
$$;

COMMENT ON FUNCTION interestream.team_draft IS
'Makes one list of p_k of two, as teams are picked: the team with fewer picks, at equality the one that a coin says, takes its best entry that the list does not have. team: 1 or 2; place: where the entry stands in the list of its team. A coin is a bit of the sha256 of p_coins, a colon and the picks of each team so far, so that the same arguments give the same list.';

GRANT EXECUTE ON FUNCTION interestream.team_draft TO interestream_reader, interestream_admin;
