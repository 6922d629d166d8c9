"""The macros of Databricks' hash functions, in the arithmetic of whole numbers that have room for the products.

What is hashed comes as a list for each value, NULL for a NULL: the number of its bytes, then its words. Of murmur these are of 32 bits, of xxhash lists that
begin with the number of bytes in the word, or blocks of four words of 64 bits. A lambda names what is used twice: a macro's parameter is a text.

Sources: https://github.com/aappleby/smhasher (MurmurHash3_x86_32), https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md (XXH64),
https://docs.databricks.com/en/sql/language-manual/functions/hash.html, …/xxhash64.html, …/crc32.html.
"""

_LOW = "4294967295"
_ALL = "18446744073709551615::UHUGEINT"
_TWICE = "18446744073709551617::UHUGEINT"  # times this a word of 64 bits is there twice
_P1, _P2, _P3, _P4, _P5 = (
    f"{prime}::UHUGEINT" for prime in (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
)
_POLYNOMIAL = 0xEDB88320


def _crc(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_CRCS = ", ".join(str(_crc(byte)) for byte in range(256))

ROWS = (
    (
        "databricks_xxh_bytes(x)",
        (
            "CASE WHEN x IS NOT NULL THEN list_concat([[CAST(length(x) // 2 AS UHUGEINT)]], list_transform(regexp_extract_all(x, '.{64}'), "
            "lambda p: [databricks_xxh_eight(p[1:16]), databricks_xxh_eight(p[17:32]), databricks_xxh_eight(p[33:48]), databricks_xxh_eight(p[49:64])]), "
            "list_transform(regexp_extract_all(right(x, length(x) % 64), '.{16}'), lambda p: [8::UHUGEINT, databricks_xxh_eight(p)]), "
            "list_transform(regexp_extract_all(right(x, length(x) % 16), '.{8}'), "
            "lambda p: [4::UHUGEINT, databricks_xxh_word(p[7:8] || p[5:6] || p[3:4] || p[1:2])]), "
            "list_transform(regexp_extract_all(right(x, length(x) % 8), '..'), lambda p: [1::UHUGEINT, databricks_xxh_word(p)])) END"
        ),
    ),
    (
        "databricks_xxh_long(i)",
        (
            "CASE WHEN i IS NOT NULL THEN [[8::UHUGEINT], [8::UHUGEINT, "
            "CAST(CASE WHEN i < 0 THEN CAST(i AS HUGEINT) + 18446744073709551616 ELSE CAST(i AS HUGEINT) END AS UHUGEINT)]] END"
        ),
    ),
    ("databricks_xxh_int(i)", f"CASE WHEN i IS NOT NULL THEN [[4::UHUGEINT], [4::UHUGEINT, CAST(CAST(i AS BIGINT) & {_LOW} AS UHUGEINT)]] END"),
    ("databricks_xxh_eight(p)", "databricks_xxh_word(p[15:16] || p[13:14] || p[11:12] || p[9:10] || p[7:8] || p[5:6] || p[3:4] || p[1:2])"),
    ("databricks_xxh_word(p)", "CAST(databricks_hex_number(p) AS UHUGEINT)"),
    (
        "databricks_xxh(l)",
        (
            "CAST(list_transform([list_reduce(list_prepend([[42::UHUGEINT]], l), lambda a, e: CASE WHEN e IS NULL THEN a ELSE "
            "[databricks_xxh_one(a[1][1], e)] END)[1][1]], lambda x: databricks_signed_long(CAST(x AS HUGEINT)))[1] AS BIGINT)"
        ),
    ),
    (
        "databricks_xxh_one(s, e)",
        (
            f"list_transform([list_reduce(list_prepend([((CASE WHEN e[1][1] >= 32 THEN databricks_xxh_lanes(s, e) ELSE (s + {_P5}) & {_ALL} END) + e[1][1]) "
            f"& {_ALL}], list_filter(e, lambda w: len(w) = 2)), lambda h, w: [databricks_xxh_step(h[1], w[1], w[2])])[1]], lambda x: databricks_xxh_end(x))"
        ),
    ),
    (
        "databricks_xxh_lanes(s, e)",
        (
            f"list_transform([list_reduce(list_prepend([(s + {_P1} + {_P2}) & {_ALL}, (s + {_P2}) & {_ALL}, s, (s + {_ALL} + 1::UHUGEINT - {_P1}) & {_ALL}], "
            "list_filter(e, lambda w: len(w) = 4)), lambda v, b: [databricks_xxh_lane(v[1], b[1]), databricks_xxh_lane(v[2], b[2]), "
            "databricks_xxh_lane(v[3], b[3]), databricks_xxh_lane(v[4], b[4])])], lambda v: databricks_xxh_join(v))[1]"
        ),
    ),
    (
        "databricks_xxh_join(v)",
        (
            "databricks_xxh_merge(databricks_xxh_merge(databricks_xxh_merge(databricks_xxh_merge((databricks_xxh_turned(v[1], 1) + "
            "databricks_xxh_turned(v[2], 7) + databricks_xxh_turned(v[3], 12) + databricks_xxh_turned(v[4], 18)) & "
            f"{_ALL}, v[1]), v[2]), v[3]), v[4])"
        ),
    ),
    ("databricks_xxh_merge(h, v)", f"(databricks_xxh_product(xor(h, databricks_xxh_lane(0::UHUGEINT, v)), {_P1}) + {_P4}) & {_ALL}"),
    (
        "databricks_xxh_step(h, k, w)",
        (
            f"CASE k WHEN 8 THEN (databricks_xxh_product(databricks_xxh_turned(xor(h, databricks_xxh_lane(0::UHUGEINT, w)), 27), {_P1}) + {_P4}) & {_ALL} "
            f"WHEN 4 THEN (databricks_xxh_product(databricks_xxh_turned(xor(h, databricks_xxh_product(w, {_P1})), 23), {_P2}) + {_P3}) & {_ALL} "
            f"ELSE databricks_xxh_product(databricks_xxh_turned(xor(h, databricks_xxh_product(w, {_P5})), 11), {_P1}) END"
        ),
    ),
    (
        "databricks_xxh_lane(v, w)",
        f"databricks_xxh_product(databricks_xxh_turned((v + databricks_xxh_product(w, {_P2})) & {_ALL}, 31), {_P1})",
    ),
    (
        "databricks_xxh_end(h)",
        (
            "databricks_xxh_shift(databricks_xxh_product(databricks_xxh_shift(databricks_xxh_product(databricks_xxh_shift(h, 33), "
            f"{_P2}), 29), {_P3}), 32)"
        ),
    ),
    ("databricks_xxh_shift(h, n)", "xor(h, h >> n::UHUGEINT)"),
    ("databricks_xxh_product(a, b)", f"((a) * (b)) & {_ALL}"),
    ("databricks_xxh_turned(x, n)", f"((x) * {_TWICE} >> (64 - n)::UHUGEINT) & {_ALL}"),
    (  # whole words, the lowest byte first, then each byte that is left, with its sign
        "databricks_mur_bytes(x)",
        (
            "CASE WHEN x IS NOT NULL THEN list_concat([CAST(length(x) // 2 AS UBIGINT)], list_transform(regexp_extract_all(x, '.{8}'), "
            "lambda p: databricks_hex_number(p[7:8] || p[5:6] || p[3:4] || p[1:2])), list_transform(regexp_extract_all(right(x, length(x) % 8), '..'), "
            "lambda p: databricks_hex_number(p) + CASE WHEN p < '80' THEN 0::UBIGINT ELSE 4294967040::UBIGINT END)) END"
        ),
    ),
    (
        "databricks_mur_long(i)",
        f"CASE WHEN i IS NOT NULL THEN [8::UBIGINT, CAST(CAST(i AS BIGINT) & {_LOW} AS UBIGINT), CAST((CAST(i AS BIGINT) >> 32) & {_LOW} AS UBIGINT)] END",
    ),
    ("databricks_mur_int(i)", f"CASE WHEN i IS NOT NULL THEN [4::UBIGINT, CAST(CAST(i AS BIGINT) & {_LOW} AS UBIGINT)] END"),
    (
        "databricks_mur(l)",
        (
            "CAST(databricks_signed(CAST(list_reduce(list_prepend([42::UBIGINT], l), lambda a, w: CASE WHEN w IS NULL THEN a ELSE "
            "list_transform([xor(list_reduce(list_prepend(a[1], w[2:]), lambda h, k: databricks_mur_mix(h, k)), w[1])], "
            "lambda x: databricks_mur_end(x)) END)[1] AS BIGINT)) AS INTEGER)"
        ),
    ),
    (
        "databricks_mur_end(h)",
        f"databricks_mur_shift(databricks_mur_shift(databricks_mur_shift(h, 16) * 2246822507 & {_LOW}, 13) * 3266489909 & {_LOW}, 16)",
    ),
    ("databricks_mur_shift(h, n)", "xor(h, h >> n)"),
    ("databricks_mur_mix(h, k)", f"(((xor(h, databricks_mur_key(k)) * 4294967297) >> 19) & {_LOW}) * 5 + 3864292196 & {_LOW}"),
    ("databricks_mur_key(k)", f"((((k * 3432918353 & {_LOW}) * 4294967297) >> 17) & {_LOW}) * 461845907 & {_LOW}"),
    (
        "databricks_crc(h)",
        (
            f"CASE WHEN h IS NOT NULL THEN CAST(xor(list_reduce(list_prepend({_LOW}::UBIGINT, list_transform(regexp_extract_all(h, '..'), lambda p: databricks_hex_number(p))), "
            f"lambda c, b: xor(CAST([{_CRCS}][CAST(xor(c, b) & 255 AS BIGINT) + 1] AS UBIGINT), c >> 8)), {_LOW}::UBIGINT) AS BIGINT) END"
        ),
    ),
    ("databricks_hex_number(p)", "CAST('0x' || p AS UBIGINT)"),
)
