CREATE OR REPLACE FUNCTION interestream.list_size(p_k integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN p_k <= 20 THEN 20 WHEN p_k <= 50 THEN 50 WHEN p_k <= 100 THEN 100 WHEN p_k <= 200 THEN 200
        WHEN p_k <= 500 THEN 500 ELSE greatest(p_k, 1000)
    END
$$;

COMMENT ON FUNCTION interestream.list_size IS
'The size of list for which recommend() looks for candidates if p_k rows are asked for: 20, 50, 100, 200, 500 or 1,000. Lists up to the same size begin with the same rows.';

GRANT EXECUTE ON FUNCTION interestream.list_size TO interestream_reader, interestream_admin;
