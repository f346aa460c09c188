CREATE OR REPLACE FUNCTION interestream.has_repeat_rules() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT EXISTS (SELECT FROM interestream.repeat_rules)
$$;

COMMENT ON FUNCTION interestream.has_repeat_rules IS
'Whether there are rules after which seen items come again: see repeat_rules.';

GRANT EXECUTE ON FUNCTION interestream.has_repeat_rules TO interestream_reader, interestream_writer, interestream_admin;
