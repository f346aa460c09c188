CREATE OR REPLACE FUNCTION interestream.seen_by_rules(
    p_item text, p_actions bigint, p_last_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_type text;
    v_rules bigint;
    v_never boolean;
    v_days double precision;
BEGIN
    SELECT interestream.item_type(known.attributes, known.categories) INTO v_type
    FROM interestream.items AS known
    WHERE known.item_id = p_item;
    SELECT count(*), bool_or(rules.after_days IS NULL), max(rules.after_days) INTO v_rules, v_never, v_days
    FROM (
        SELECT DISTINCT ON (done.action) own.after_days
        FROM interestream.actions AS done
        JOIN interestream.repeat_rules AS own
            ON (own.action = done.action OR own.action = '*')
                AND (own.item_type = v_type OR own.item_type = '*')
        WHERE p_actions & (1::bigint << done.bit) <> 0
        ORDER BY done.action, own.action = '*', own.item_type = '*'
    ) AS rules;
    RETURN v_rules = 0 OR v_never
        OR p_last_at > interestream.newest_interaction() - make_interval(secs => v_days * 86400);
END;
$$;

COMMENT ON FUNCTION interestream.seen_by_rules IS
'Whether an item counts as seen by repeat_rules: p_actions are the bits of what the user did with it, p_last_at when last, compared with newest_interaction(). Of each action the rule that names it counts before one that names its type of items, and that before one for all. Of several actions the longest time decides.';

GRANT EXECUTE ON FUNCTION interestream.seen_by_rules TO interestream_reader, interestream_writer, interestream_admin;
