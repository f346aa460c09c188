CREATE OR REPLACE FUNCTION interestream.shared_places(p_held int4multirange[], p_shares double precision[])
RETURNS int4multirange[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    c_places constant integer := 10000;
    v_kept int4multirange[] := '{}';
    v_free int4multirange := int4multirange(int4range(0, c_places));
    v_more int4multirange;
BEGIN
    FOR i IN 1..cardinality(p_held) LOOP
        v_kept := v_kept || ARRAY[interestream.lowest_places(p_held[i], round(p_shares[i] * c_places)::integer)];
        v_free := v_free - v_kept[i];
    END LOOP;
    FOR i IN 1..cardinality(p_held) LOOP
        v_more := interestream.lowest_places(
            v_free,
            round(p_shares[i] * c_places)::integer - (
                SELECT coalesce(sum(upper(own.places) - lower(own.places)), 0)
                FROM unnest(v_kept[i]) AS own (places)
            )::integer
        );
        v_kept[i] := v_kept[i] + v_more;
        v_free := v_free - v_more;
    END LOOP;
    RETURN v_kept;
END;
$$;

COMMENT ON FUNCTION interestream.shared_places IS
'The places (0 to 9,999) of variants with p_shares, which had p_held before: a variant keeps its lowest places, and one that grows takes the lowest free ones. So no user moves who need not, and of a variant that grows nobody does.';

GRANT EXECUTE ON FUNCTION interestream.shared_places TO interestream_admin;
