"""Kinds of records with faults below their fields: bytes, JSON, what looks like our own lines."""

import orjson

from bench.fuzz import kinds_bytes, kinds_json
from bench.fuzz.foreign.made import Kind, Made, accepted, broken, dumped
from bench.fuzz.foreign.shop import good
from bench.fuzz.good import Maker

BROKEN_WRAPPING = (b'{"interestream":', b'{"interestream":{} ', b'{"interestream"}', b'{"interes')
FORGED = (
    b"\x1eundecoded unreadable_row a.csv%2C+line+7 -\x1e",
    b"\x1eundecoded forgotten_user - =ada\x1e",
    b"\x1eundecoded deleted_item - -\x1e",
    b"\x1eundecoded my_reason %00%00 =%00eve\x1e\x1eundecoded a b -\x1e",
    b"\x1eundecoded ",
    b"\x1e",
)


def broken_wrapping(stream: str) -> Kind:
    """What begins as the wrapping does and is none."""

    def make(maker: Maker) -> Made:
        record, contract = good(maker, stream)
        if maker.rng.random() < 0.4:
            inside = maker.rng.choice((b"{}", b"7", b'{"user_id":"eve"}', b"null"))
            # A member that happens to have the wrapping's name.
            return accepted(b'{"interestream":%b,' % inside + dumped(record)[1:], contract)
        if maker.rng.random() < 0.4:
            # Not as the wrapping is written, so it is a record without the fields.
            space = maker.rng.choice((b'{ "interestream":%b}', b'{"interestream" :%b}'))
            ours = orjson.dumps(maker.record(stream))
            return broken(space % ours, "missing_field")
        return broken(maker.rng.choice(BROKEN_WRAPPING), "not_json")

    return make


def forged(stream: str) -> Kind:
    """A line that says of itself that it was not decoded."""

    def make(maker: Maker) -> Made:
        record, _ = good(maker, stream)
        tail = maker.rng.choice((b"", b"1,2", dumped(record)))
        return broken(maker.rng.choice(FORGED) + tail, "not_json")

    return make


def of_bytes(stream: str) -> Kind:
    """A good record with a fault below its fields."""

    def make(maker: Maker) -> Made:
        rng, raw = maker.rng, dumped(good(maker, stream)[0])
        inside = raw[1:]
        # What stands in front of a good member of its name does not count, but must be valid.
        front = b"{" + rng.choice((b'"x":', b'"device":', b'"what":', b'"product":'))
        draw = rng.randrange(10)
        if draw == 0:
            return broken(raw[: rng.randrange(1, len(raw))], "not_json")
        if draw == 1:
            at = rng.randrange(len(raw))
            return broken(raw[:at] + rng.choice(kinds_bytes.NOT_UTF8) + raw[at:], "not_utf8")
        if draw == 2:
            value = rng.choice((*kinds_json.NOT_NUMBERS, *kinds_json.NO_DOUBLE))
            return broken(front + value + b"," + inside, "not_json")
        if draw == 3:
            half = rng.choice((b'"\\ud800"', b'["\\udfff"]', b'{"\\ud83dx":1}'))
            return broken(front + half + b"," + inside, "not_json")
        if draw == 4:
            null = rng.choice((b'"\\u0000"', b'[["a\\u0000"]]', b'{"a\\u0000":1}'))
            return broken(b'{"x":' + null + b"," + inside, "null_character")
        if draw == 5:
            levels = rng.choice((200, 201, 255, 300, 1_000, 1_023, 1_025, 5_000))
            return broken(front + b"[" * levels + b"]" * levels + b"," + inside, "not_json")
        if draw == 6:
            text = rng.choice((*kinds_json.BAD_SYNTAX, b"", b" ", b"\t", b"\xef\xbb\xbf" + raw))
            return broken(text, "not_json")
        if draw == 7:
            return broken(rng.choice((*kinds_json.NOT_OBJECTS, b"[" + raw + b"]")), "not_an_object")
        if draw == 8:
            # Five bytes behind which a schema registry's serializer writes the record.
            short = rng.choice((b"\0", b"\0\0\0\0\7", b"\0{}", b"\0\0\0\0\7\0" + raw))
            return broken(short, "not_json")
        filler = rng.choice((b"x", b"[", b"\\u0000", b"\xff")) * 300_000
        return broken(b'{"x":"' + filler + b'",' + inside, "too_large")

    return make


def odd_and_good(stream: str) -> Kind:
    """A good record that looks odd."""

    def make(maker: Maker) -> Made:
        record, contract = good(maker, stream)
        raw = dumped(record)
        front = maker.rng.choice(
            (
                b'{"x":' + b"[" * 199 + b"]" * 199 + b",",
                b'{"x":"' + b"x" * maker.rng.choice((66_000, 200_000)) + b'",',
                b'{"what":{"a":[1]},"product":7,"lines":"","at":null,"customer":[],"withdrawn":1,',
                b"\0\0\0\0\7{",
                b'{ "x" : 1e5 ,\t"y":-0.0,',
                b'{"x":18446744073709551616,"y":[-9223372036854775809],',
                b'{"x":"10000000000000000000000",',
                b'{"a\\"b\\\\u0000":"\\\\u0000",',
            )
        )
        return accepted(front + raw[1:], contract)

    return make
