-- Items that are deleted for good: their ids are not accepted any more.
CREATE TABLE interestream.deleted_items (
    item_id text PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    deleted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE interestream.deleted_items IS
'Items that delete_items() deleted, in the order of number: the job leaves out what comes of them later. Rows stay for good.';

-- Of broken records, so that they go with their item.
ALTER TABLE interestream.dead_letters ADD COLUMN item_id text;
COMMENT ON COLUMN interestream.dead_letters.item_id IS
'Of the stream items: the item of the record, where it could be read.';
CREATE INDEX dead_letters_item ON interestream.dead_letters (item_id) WHERE item_id IS NOT NULL;

-- Letters that are there already: those that are JSON.
DO $$
DECLARE
    v_letter record;
    v_item text;
BEGIN
    FOR v_letter IN
        SELECT d.space_id, d.epoch, d.bucket, d.seq, d.raw FROM interestream.dead_letters AS d WHERE d.stream = 'items'
    LOOP
        BEGIN
            v_item := convert_from(v_letter.raw, 'UTF8')::jsonb ->> 'item_id';
            UPDATE interestream.dead_letters AS d SET item_id = v_item
            WHERE d.stream = 'items' AND length(v_item) BETWEEN 1 AND 256
                AND d.space_id = v_letter.space_id AND d.epoch = v_letter.epoch
                AND d.bucket = v_letter.bucket AND d.seq = v_letter.seq;
        EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
            NULL;
        END;
    END LOOP;
END;
$$;
