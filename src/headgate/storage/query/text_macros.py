"""The macros of texts: each is a function of Databricks that DuckDB lacks, by its name with parameters and its body. Those that use others come first."""

from headgate.storage.query.duckdb_text import failing as _fail

_CONTROLS = "".join(map(chr, (*range(0x0E, 0x20), *range(0x01, 0x09))))

ROWS = (
    (  # letters that become two, which DuckDB leaves as they are
        "databricks_upper(s)",
        (
            "CASE WHEN strlen(s) = length(s) THEN upper(s) WHEN regexp_matches(s, '[ŉǰΐΰևẖ-ẚﬀ-ﬗᾀ-ῼ]') THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'upper of a letter that becomes several is not taken.')} ELSE upper(replace(s, 'ß', 'SS')) END"
        ),
    ),
    ("databricks_lower(s)", "CASE WHEN contains(s, 'İ') THEN lower(replace(s, 'İ', 'i̇')) ELSE lower(s) END"),
    (
        "databricks_initcap(s)",
        (
            f"CASE WHEN contains(s, 'İ') THEN {_fail('UNSUPPORTED_FEATURE', 'initcap of İ is not taken.')} "
            "ELSE array_to_string(list_transform(string_split(lower(s), ' '), lambda w: replace(upper(regexp_extract(w, '(?s)^.')), 'ẞ', 'Ss') "
            "|| regexp_extract(w, '(?s)^.(.*)$', 1)), ' ') END"
        ),
    ),
    (
        "databricks_reverse(s)",
        "CASE WHEN strlen(s) = length(s) THEN reverse(s) ELSE array_to_string(list_reverse(regexp_extract_all(s, '(?s).')), '') END",
    ),
    (
        "databricks_locate(x, s, p)",
        (
            "CASE WHEN p IS NULL THEN 0 WHEN x IS NULL OR s IS NULL THEN NULL WHEN p <= 0 OR p > length(s) + 1 THEN 0 "
            "WHEN instr(substr(s, p), x) = 0 THEN 0 ELSE CAST(instr(substr(s, p), x) + p - 1 AS INTEGER) END"
        ),
    ),
    (
        "databricks_overlay(s, r, p, n)",
        "databricks_substring(s, 1, p - 1) || r || databricks_substring_from(s, CAST(p + CASE WHEN n >= 0 THEN n ELSE length(r) END AS INTEGER))",
    ),
    (
        "databricks_levenshtein(a, b)",
        (
            "CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN strlen(a) = length(a) AND strlen(b) = length(b) THEN CAST(levenshtein(a, b) AS INTEGER) "
            "ELSE databricks_levenshtein_of(a, b, array_to_string(list_distinct(regexp_extract_all(a || b, '[^\\x{00}-\\x{7F}]')), '')) END"
        ),
    ),
    (  # the first letter, and the groups of the consonants behind it: vowels part them, H and W do not
        "databricks_soundex(s)",
        (
            "CASE WHEN regexp_matches(s, '^[A-Za-z]') THEN upper(left(s, 1)) || rpad(left(replace(substr(databricks_single_signs("
            "databricks_soundex_groups(translate(regexp_replace(translate(s, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), "
            "'[^A-Z]', 'A', 'g'), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230127022455012623017202'))), 2), '0', ''), 3), 3, '0') ELSE s END"
        ),
    ),
    ("databricks_soundex_groups(g)", "left(g, 1) || replace(substr(g, 2), '7', '')"),
    (
        "databricks_single_signs(g)",
        (
            "regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace("
            "g, '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), '6+', '6', 'g')"
        ),
    ),
    ("databricks_quote(s)", "'''' || replace(s, '''', '\\''') || ''''"),
    (  # DuckDB counts bytes, so each letter that has more than one becomes a control character
        "databricks_levenshtein_of(a, b, f)",
        (
            "CASE WHEN length(f) > 26 OR regexp_matches(a || b, '[\\x{0E}-\\x{1F}\\x{01}-\\x{08}]') THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'levenshtein of so many letters that are no ASCII is not taken.')} "
            f"ELSE CAST(levenshtein(translate(a, f, '{_CONTROLS}'), translate(b, f, '{_CONTROLS}')) AS INTEGER) END"
        ),
    ),
    (
        "databricks_find_in_set(x, s)",
        (
            "CASE WHEN x IS NULL OR s IS NULL THEN NULL WHEN contains(x, ',') THEN 0 "
            "ELSE CAST(coalesce(list_position(string_split(s, ','), x), 0) AS INTEGER) END"
        ),
    ),
    (
        "databricks_substring_index(s, d, n)",
        (
            "CASE WHEN n = 0 OR d = '' THEN CASE WHEN s IS NOT NULL THEN '' END WHEN n > 0 THEN array_to_string(string_split(s, d)[1 : n], d) "
            "ELSE array_to_string(string_split(s, d)[greatest(len(string_split(s, d)) + n + 1, 1) :], d) END"
        ),
    ),
    ("databricks_split_rest(l, d, n)", "CASE WHEN len(l) > n THEN list_append(l[1 : n - 1], array_to_string(l[n :], d)) ELSE l END"),
    (
        "databricks_format_number(x, t)",
        "CASE WHEN isfinite(x) THEN t WHEN isnan(x) THEN 'NaN' WHEN x > 0 THEN '∞' WHEN x < 0 THEN '-∞' END",
    ),
    (
        "databricks_decode(b)",
        f"CASE WHEN b IS NOT NULL THEN coalesce(TRY(decode(b)), {_fail('MALFORMED_CHARACTER_CODING', 'The bytes are no text in UTF-8.')}) END",
    ),
    (
        "databricks_unbase64(s)",
        (
            "CASE WHEN regexp_full_match(s, '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?') THEN from_base64(s) WHEN s IS NOT NULL THEN "
            f"CAST({_fail('UNSUPPORTED_FEATURE', 'A text that is not whole base64 is not taken.')} AS BLOB) END"
        ),
    ),
    (  # Databricks keeps bytes that are no text
        "databricks_text_of_bytes(b)",
        f"CASE WHEN b IS NOT NULL THEN coalesce(TRY(decode(b)), {_fail('UNSUPPORTED_FEATURE', 'Bytes that are no text in UTF-8 are not taken as one.')}) END",
    ),
    (  # `text:name` finds a name in any case on Databricks
        "databricks_any_case(x, s, p)",
        (
            "CASE WHEN x IS NULL AND json_extract_string(TRY_CAST(lower(s) AS JSON), p) IS NOT NULL THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'The name is in another case in the JSON text: write it as it is there.')} ELSE x END"
        ),
    ),
    (  # of a name that occurs twice DuckDB keeps one value, and of a JSON null none
        "databricks_variant(s, j, t)",
        (
            "CASE WHEN regexp_full_match(s, '\\s*null\\s*') THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'A VARIANT of the JSON null is not taken.')} "
            "WHEN contains(s, ',') AND len(regexp_extract_all(s, '\"\\s*:')) > len(regexp_extract_all(CAST(CAST(CAST(j AS VARIANT) AS JSON) AS VARCHAR), '\"\\s*:')) "
            f"THEN CASE WHEN NOT t THEN {_fail('MALFORMED_RECORD_IN_PARSING', 'A name occurs twice in an object of a JSON text.')} END ELSE CAST(j AS VARIANT) END"
        ),
    ),
    (
        "databricks_url(s)",
        f"coalesce(databricks_try_url(s), CASE WHEN s IS NOT NULL THEN {_fail('INVALID_URL', 'The text is no URL. Use try_parse_url for NULL.')} END)",
    ),
    (  # RFC 2396 as Java reads it: a scheme, an authority that is not empty at the end, a path without brackets
        "databricks_try_url(s)",
        (
            r"CASE WHEN NOT regexp_matches(s, '[\x00-\x20\x22<>\\^`{|}\x7f]|%(?:[^0-9a-fA-F]|.[^0-9a-fA-F]|.?$)|^(?:[^/?#]*:)?//$|^[^:/?#]*:$') "
            r"AND regexp_full_match(s, '(?:[a-zA-Z][a-zA-Z0-9+.-]*:(?://(?:[^/?#\[\]]*|(?:[^/?#\[\]@]*@)?\[[0-9a-fA-F:.]+\](?::[0-9]*)?))?[^?#\[\]]*"
            r"|(?://(?:[^/?#\[\]]*|(?:[^/?#\[\]@]*@)?\[[0-9a-fA-F:.]+\](?::[0-9]*)?))?(?:/[^?#\[\]]*|[^:/?#\[\]]*(?:/[^?#\[\]]*)?))"
            r"(?:[?][^#]*)?(?:#[^#]*)?') THEN s END"
        ),
    ),
    ("databricks_days_text(u)", "'INTERVAL ''' || CAST(u // 86400000000 AS VARCHAR) || ''' DAY'"),
    (
        "databricks_day_time_text(u)",
        (
            "'INTERVAL ''' || CASE WHEN u < 0 THEN '-' ELSE '' END || CAST(abs(u) // 86400000000 AS VARCHAR) || "
            "strftime(make_timestamp(abs(u) % 86400000000), ' %H:%M:%S') || "
            "CASE WHEN u % 1000000 = 0 THEN '' ELSE rtrim(strftime(make_timestamp(abs(u) % 86400000000), '.%f'), '0') END || ''' DAY TO SECOND'"
        ),
    ),
    (
        "databricks_months_text(n)",
        "'INTERVAL ''' || CASE WHEN n < 0 THEN '-' ELSE '' END || CAST(abs(n) // 12 AS VARCHAR) || '-' || CAST(abs(n) % 12 AS VARCHAR) || ''' YEAR TO MONTH'",
    ),
    (
        "databricks_url_decode(s)",
        (
            "CASE WHEN regexp_matches(s, '%(?:[^0-9a-fA-F]|.[^0-9a-fA-F]|.?$)') THEN "
            f"{_fail('CANNOT_DECODE_URL', 'The text is no encoded URL.')} ELSE url_decode(replace(s, '+', ' ')) END"
        ),
    ),
)
