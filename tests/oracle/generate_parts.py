"""The lists that `generate` combines: literals of each type with the edges first to last, calls with a place for a value, units and patterns."""

VALUES = {
    "tinyint": ("NULL::TINYINT", "1Y", "-128Y", "127Y"),
    "smallint": ("0S", "2S", "-32768S", "32767S"),
    "int": ("0", "3", "-2147483648", "2147483647"),
    "bigint": ("0L", "4L", "-9223372036854775808L", "9223372036854775807L"),
    "decimal": ("0.00BD", "5.25BD", "-0.5BD", "99999999999999999999999999999999999999BD", "0.00000000000000000000000000000000000001BD", "2.5BD"),
    "float": ("0F", "1.5F", "float('NaN')", "3.4028235E38F", "0.1F"),
    "double": ("-0.0D", "2.5D", "double('NaN')", "double('Infinity')", "double('-Infinity')", "1.7976931348623157E308D", "4.9E-324D", "1E15D", "1E7D"),
    "boolean": ("NULL::BOOLEAN", "TRUE", "FALSE"),
    "string": (
        "''", "'1'", "' 7 '", "'abc'", "'-1.5'", "'1e3'", "'NaN'", "'Infinity'", "'true'", "'T'", "'2026-01-05'", "'2026-01-05 10:00:00.5'", "'2024-2-9'",
        "'2026-01-05T10:00:00+02:00'", "'99999999999999999999'", "'+3'", "'0x1F'", "'no'", "'12:30'", "'1.'", "'2026'",
    ),
    "binary": ("X''", "X'616263'", "X'FF00'"),
    "date": ("DATE'0001-01-01'", "DATE'2024-02-29'", "DATE'9999-12-31'", "DATE'1969-12-31'"),
    "timestamp": ("TIMESTAMP'1969-12-31 23:59:59.999999'", "TIMESTAMP'2024-02-29 12:34:56.123456'", "TIMESTAMP'2026-03-08 02:30:00'", "TIMESTAMP'2026-01-05 10:00:00.100'"),
    "timestamp_ntz": ("TIMESTAMP_NTZ'2026-11-01 01:30:00'", "TIMESTAMP_NTZ'2024-02-29 12:34:56.123456'"),
    "interval": ("INTERVAL '0' DAY", "INTERVAL '1' DAY", "INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL -3 MONTHS"),
    "array": ("array()", "array(1, 2)", "array(1.5BD, NULL)", "array('a', NULL)"),
    "struct": ("struct()", "struct(1, 'a')", "named_struct('x', 1.5D, 'y', NULL)"),
}  # fmt: skip
TYPES = (
    "TINYINT", "SMALLINT", "INT", "BIGINT", "DECIMAL(5,2)", "DECIMAL(38,10)", "FLOAT", "DOUBLE", "BOOLEAN", "STRING", "BINARY", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ",
)  # fmt: skip
# Two plain values, the least and the greatest.
NUMBERS = {
    "tinyint": ("7Y", "2Y", "(-128Y)", "127Y"),
    "smallint": ("-7S", "3S", "(-32768S)", "32767S"),
    "int": ("7", "-2", "(-2147483648)", "2147483647"),
    "bigint": ("-7L", "2L", "(-9223372036854775808L)", "9223372036854775807L"),
    "decimal(4,2)": ("12.34BD", "-5.50BD", "-99.99BD", "99.99BD"),
    "decimal(20,10)": ("CAST(7.5 AS DECIMAL(20,10))", "CAST(-0.3 AS DECIMAL(20,10))", "-9999999999.9999999999BD", "9999999999.9999999999BD"),
    "decimal(38,0)": (
        "CAST(123 AS DECIMAL(38,0))",
        "CAST(7 AS DECIMAL(38,0))",
        "-99999999999999999999999999999999999999BD",
        "99999999999999999999999999999999999999BD",
    ),
    "float": ("1.5F", "-0.1F", "-3.4028235E38F", "3.4028235E38F"),
    "double": ("-7.5D", "0.3D", "-1.7976931348623157E308D", "1.7976931348623157E308D"),
    "string": ("'7'", "'2.5'", "'-9'", "'9'"),
}
MATH_VALUES = (
    "0",
    "-3",
    "2.5BD",
    "-2.5BD",
    "2.5D",
    "-0.0D",
    "double('NaN')",
    "double('-Infinity')",
    "NULL",
    "'4'",
    "127Y",
    "(-128Y)",
    "1.5F",
    "9223372036854775807L",
)
EXACT_MATH = (
    "abs",
    "ceil",
    "floor",
    "round",
    "bround",
    "sign",
    "negative",
    "positive",
    "rint",
    "isnan",
    "sqrt",
    "hex",
    "bin",
    "typeof",
    "factorial",
    "bit_count",
    "width_bucket(2.5, 0, 10, 5) + ",
)
ABOUT_MATH = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cos", "cosh", "cot", "csc", "degrees", "exp", "expm1", "ln", "log10", "log1p", "log2", "radians",
    "sec", "sin", "sinh", "sqrt", "tan", "tanh", "log",
)  # fmt: skip
ROUNDED = ("2.5BD", "-2.5BD", "3.5BD", "1234.5678BD", "-0.05BD", "2.5D", "-1234.5678D", "0.125D", "25", "-35", "99Y", "1.15F", "NULL")

TEXTS = ("''", "'a'", "'Hello World'", "'é'", "'e\u0301'", "'👩‍💻 x'", "NULL", "' pad  '", "'A,b,,C'", "'ß'", "'İi'", "'100%_x'", "'日本語'")
STRING_CALLS = (
    "length({})", "char_length({})", "octet_length({})", "bit_length({})", "upper({})", "lower({})", "initcap({})", "reverse({})", "trim({})", "ltrim({})", "rtrim({})",
    "btrim({}, 'a ')", "ascii({})", "hex({})", "base64({})", "md5({})", "sha1({})", "sha2({}, 256)", "crc32({})", "xxhash64({})", "hash({})", "soundex({})", "repeat({}, 2)", "repeat({}, -1)",
    "lpad({}, 4, 'xy')", "rpad({}, 4)", "lpad({}, 0, 'x')", "left({}, 2)", "right({}, 2)", "left({}, -1)", "substring({}, 0, 3)", "substring({}, -2)", "substring({}, 2, 2)",
    "substring({}, -10, 12)", "substr({} FROM 2)", "substring_index({}, ',', 2)", "substring_index({}, ',', -1)", "split({}, ',')", "split({}, '')", "split({}, ',', 2)",
    "split_part({}, ',', 1)", "split_part({}, ',', -1)", "instr({}, 'o')", "locate('o', {}, 6)", "position('' IN {})", "contains({}, 'o')", "startswith({}, 'H')",
    "endswith({}, '')", "concat({}, 'x')", "concat_ws('-', {}, NULL, 'z')", "{} || 1", "replace({}, 'l', '')", "replace({}, '', 'x')", "translate({}, 'eo', '3')",
    "overlay({} PLACING 'ZZ' FROM 2)", "overlay({} PLACING 'Z' FROM 2 FOR 0)", "levenshtein({}, 'Hallo')", "levenshtein({}, 'Hallo', 2)", "find_in_set('b', {})", "url_encode({})", "mask({})",
    "encode({}, 'UTF-16BE')", "decode(encode({}, 'UTF-8'), 'UTF-8')", "{} LIKE '%o%'", "{} ILIKE 'h%'", "{} RLIKE '^[A-Z]'", "char(ascii({}))", "sentences({})", "is_valid_utf8({})",
    "quote({})", "{} LIKE '_'", "elt(1, {}, 'b')", "to_binary({}, 'utf-8')", "str_to_map({}, ',', ' ')", "collation({})", "jaro_winkler_similarity({}, 'Hello')",
)  # fmt: skip

ARRAYS = (
    "array(3, 1, 2, 1)",
    "array()",
    "array(1, NULL, 1)",
    "NULL::ARRAY<INT>",
    "array('b', 'a', NULL)",
    "array(double('NaN'), 1D, -0.0D, 0D)",
    "array(array(1), array(2, 3))",
)
ARRAY_CALLS = (
    "size({})", "cardinality({})", "array_size({})", "array_distinct({})", "array_compact({})", "array_max({})", "array_min({})", "sort_array({})", "sort_array({}, false)", "array_sort({})",
    "reverse({})", "slice({}, 2, 2)", "slice({}, -2, 2)", "slice({}, 1, 0)", "slice({}, 0, 1)", "element_at({}, 1)", "element_at({}, -1)", "element_at({}, 9)", "element_at({}, 0)", "try_element_at({}, 9)",
    "get({}, 0)", "get({}, -1)", "{}[0]", "{}[5]", "{}[-1]", "array_contains({}, 1)", "array_position({}, 1)", "array_remove({}, 1)", "array_append({}, 5)", "array_prepend({}, 5)",
    "array_insert({}, 2, 9)", "array_insert({}, -2, 9)", "array_join({}, '-')", "array_join({}, '-', '?')", "array_repeat({}, 2)", "flatten(array({}, {}))", "concat({}, {})", "array_union({}, {})",
    "array_except({}, array(1))", "array_intersect({}, array(1, 2))", "arrays_overlap({}, array(1, NULL))", "arrays_zip({}, array(9))", "exists({}, x -> x IS NULL)", "forall({}, x -> x IS NOT NULL)",
    "filter({}, x -> x IS NOT NULL)", "filter({}, (x, i) -> i > 0)", "transform({}, x -> x)", "transform({}, (x, i) -> i)", "aggregate({}, 0, (acc, x) -> acc + 1)", "to_json({})", "CAST({} AS STRING)",
    "{} = {}", "{} < array(2)", "hash({})", "posexplode({})", "explode_outer({})", "shuffle({}) IS NULL", "array({}, NULL)", "typeof({})", "zip_with({}, {}, (a, b) -> struct(a, b))",
)  # fmt: skip
MAPS = ("map('a', 1, 'b', NULL)", "map()", "NULL::MAP<STRING, INT>", "map(1, 'x', 2, 'y')", "map('é', array(1), 'z', array())")
MAP_CALLS = (
    "size({})", "map_keys({})", "map_values({})", "map_entries({})", "{}['a']", "{}[1]", "element_at({}, 'a')", "element_at({}, 'zz')", "try_element_at({}, 'zz')", "map_contains_key({}, 'a')",
    "map_concat({}, {})", "map_filter({}, (k, v) -> v IS NOT NULL)", "transform_keys({}, (k, v) -> concat(k, '!'))", "transform_values({}, (k, v) -> v IS NULL)", "to_json({})", "CAST({} AS STRING)", "explode({})",
    "map_from_entries(map_entries({}))", "map_from_arrays(map_keys({}), map_values({}))", "cardinality({})", "typeof({})", "{} IS NULL", "map_zip_with({}, {}, (k, a, b) -> a IS NULL)", "{} = {}", "inline(map_entries({}))",
)  # fmt: skip

MOMENTS = (
    "DATE'2024-02-29'", "DATE'0001-01-01'", "DATE'1969-12-28'", "TIMESTAMP'2026-01-05 10:07:08.089'", "TIMESTAMP'2024-12-30 23:59:59.999999'",
    "TIMESTAMP_NTZ'2026-03-08 02:30:00'", "TIMESTAMP'2026-11-01 05:30:00Z'", "'2026-01-31'", "NULL::DATE",
)  # fmt: skip
MOMENT_PAIRS = (
    ("DATE'2026-01-31'", "DATE'2026-02-28'"),
    ("DATE'2024-02-29'", "DATE'2025-02-28'"),
    ("TIMESTAMP'2026-01-31 12:00:00'", "TIMESTAMP'2026-02-28 11:59:59'"),
    ("TIMESTAMP'2026-03-01 00:00:00'", "TIMESTAMP'2026-01-31 23:59:59.5'"),
    ("TIMESTAMP'2026-03-08 01:30:00'", "TIMESTAMP'2026-03-08 03:30:00'"),
    ("DATE'2026-01-31'", "NULL"),
)
FIELDS = (
    "YEAR", "YEAROFWEEK", "QUARTER", "MONTH", "WEEK", "DAY", "DAYOFWEEK", "DAYOFWEEK_ISO", "DOY", "HOUR", "MINUTE", "SECOND", "DOW",
)  # fmt: skip
TRUNC_UNITS = (
    "YEAR",
    "yy",
    "QUARTER",
    "MONTH",
    "mon",
    "WEEK",
    "DAY",
    "dd",
    "HOUR",
    "MINUTE",
    "SECOND",
    "MILLISECOND",
    "MICROSECOND",
    "DECADE",
    "nonsense",
)
DIFF_UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
TIME_CALLS = (
    "year({})", "quarter({})", "month({})", "day({})", "dayofmonth({})", "dayofweek({})", "weekday({})", "dayofyear({})", "weekofyear({})", "hour({})", "minute({})", "second({})",
    "dayname({})", "monthname({})", "last_day({})", "next_day({}, 'MON')", "add_months({}, 1)", "add_months({}, -12)", "date_add({}, 30)", "date_sub({}, 1)", "{} + INTERVAL 1 DAY", "{} - INTERVAL 1 MONTH",
    "{} + INTERVAL '1 02:03' DAY TO MINUTE", "datediff({}, DATE'2025-12-31')", "months_between({}, DATE'2025-12-31')", "months_between({}, TIMESTAMP'2025-11-30 12:00:00', false)", "to_date({})",
    "to_timestamp({})", "unix_timestamp({})", "to_unix_timestamp({})", "unix_date({})", "unix_micros({})", "unix_millis({})", "unix_seconds({})", "CAST({} AS STRING)", "date({})", "timestamp({})", "{} > '2026-01-01'",
    "from_utc_timestamp({}, 'America/New_York')", "to_utc_timestamp({}, 'America/New_York')", "convert_timezone('UTC', 'Asia/Kolkata', {})", "{} - DATE'2026-01-01'", "{} - TIMESTAMP'2026-01-01 00:00:00'", "typeof({})",
    "date_part('DAYS', {})", "hash({})", "to_json(struct({} AS x))", "{} BETWEEN DATE'2026-01-01' AND '2026-12-31'", "dateadd({}, 3)", "date_diff({}, '2026-01-01')", "window({}, '5 minutes')",
)  # fmt: skip
PATTERNS = (
    "yyyy-MM-dd HH:mm:ss.SSS", "y", "yy", "yyy", "yyyyy", "M", "MM", "MMM", "MMMM", "L", "LLL", "LLLL", "d", "dd", "D", "DDD", "E", "EEE", "EEEE", "F", "a", "h", "hh", "H", "HH", "k", "K", "m", "mm", "s", "ss",
    "S", "SS", "SSSSSS", "SSSSSSSSS", "Q", "QQ", "QQQ", "q", "VV", "z", "zzzz", "O", "OOOO", "X", "XX", "XXX", "x", "xxx", "Z", "ZZZZ", "G", "''", "''''", "yyyy''T''HH", "yyyy\\'T\\'HH", "\\'at\\' h \\'o\\'\\'clock\\'", "u", "e", "c", "Y", "w", "W", "A", "B", "n", "N",
    "[yyyy]", "yyyyMMdd", "d/M/yy", "", "hh:mm a", "EEEE, d MMMM y", "%Y-%m", "yyyy-\\'W\\'", "MMMMM", "EEEEE", "p",
)  # fmt: skip
PARSED = (
    ("yyyy-MM-dd", "2026-01-05"), ("yyyy-MM-dd", "2026-1-5"), ("y-M-d", "2026-1-5"), ("dd/MM/yyyy HH:mm", "31/12/2025 23:59"), ("MMM d, yyyy", "Feb 29, 2024"), ("yyyyMMdd", "20260230"), ("yy-MM-dd", "70-01-01"),
    ("yyyy-MM-dd HH:mm:ss.SSS", "2026-01-05 10:00:00.089"), ("yyyy-MM-dd'T'HH:mm:ssXXX".replace("'", "\\'"), "2026-01-05T10:00:00+05:30"), ("h:mm a", "1:05 PM"), ("yyyy", "abc"), ("yyyy-MM-dd", ""), ("D yyyy", "60 2024"),
    ("yyyy-MM-dd[ HH:mm]", "2026-01-05"), ("EEE yyyy-MM-dd", "Mon 2026-01-05"), ("yyyy-MM-dd", " 2026-01-05"), ("yyyy-MM-dd", "2026-01-05 10:00"), ("yyyy-MM-dd VV", "2026-01-05 Europe/Paris"), ("SSS", "089"), ("Q yyyy", "2 2026"),
)  # fmt: skip

AGGREGATES = (
    "count({})", "count(DISTINCT {})", "sum({})", "avg({})", "mean({})", "min({})", "max({})", "sum(DISTINCT {})", "try_sum({})", "try_avg({})", "stddev({})", "stddev_pop({})", "var_samp({})", "var_pop({})", "skewness({})",
    "kurtosis({})", "median({})", "mode({}, true)", "any_value({}, true)", "first({}, true)", "last({})", "percentile({}, 0.25)", "percentile({}, array(0.1, 0.9))", "percentile_approx({}, 0.5)", "approx_percentile({}, array(0.5, 0.9), 100)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY {})", "percentile_disc(0.5) WITHIN GROUP (ORDER BY {} DESC)", "approx_count_distinct({})", "sort_array(collect_list({}))", "sort_array(collect_set({}))", "size(array_agg({}))", "max_by({}, id)",
    "min_by({}, id)", "count_if({} > 0)", "bool_and({} > 0)", "bool_or({} > 0)", "every({} IS NULL)", "some({} IS NULL)", "bit_and({})", "bit_or({})", "bit_xor({})", "listagg({}, ',') WITHIN GROUP (ORDER BY {})", "string_agg({})", "corr({}, id)",
    "covar_pop({}, id)", "covar_samp({}, id)", "regr_slope({}, id)", "regr_count({}, id)", "regr_r2({}, id)", "regr_intercept({}, id)", "regr_avgx({}, id)", "regr_sxx({}, id)", "histogram_numeric({}, 3)", "approx_top_k({}, 2)",
)  # fmt: skip
ABOUT_AGGREGATES = (
    "stddev",
    "stddev_pop",
    "var_samp",
    "var_pop",
    "skewness",
    "kurtosis",
    "corr",
    "covar_pop",
    "covar_samp",
    "regr_slope",
    "regr_r2",
    "regr_intercept",
    "regr_avgx",
    "regr_sxx",
    "avg",
    "mean",
    "try_avg",
)
AGGREGATED = (
    ("d", "(SELECT row_number() OVER (ORDER BY s) AS id, * FROM edges) AS t"),
    ("i", "(SELECT row_number() OVER (ORDER BY s) AS id, * FROM edges) AS t"),
    ("n", "(SELECT row_number() OVER (ORDER BY s) AS id, * FROM edges) AS t"),
    ("s", "(SELECT row_number() OVER (ORDER BY s) AS id, * FROM edges) AS t"),
    ("tokens", "requests"),
)
WINDOW_FUNCTIONS = (
    "row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(4)", "lag(tokens)", "lag(tokens, 2, -1)", "lead(tokens) IGNORE NULLS", "first_value(tokens)", "last_value(tokens)", "last_value(tokens, true)",
    "nth_value(tokens, 2)", "sum(tokens)", "avg(tokens)", "count(tokens)", "max(model)", "collect_list(tokens)", "min(cost)", "stddev(tokens)", "any_value(tokens)",
)  # fmt: skip
WINDOWS = (
    "ORDER BY id", "PARTITION BY model ORDER BY id", "PARTITION BY person ORDER BY id DESC", "ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "ORDER BY id RANGE BETWEEN 2 PRECEDING AND CURRENT ROW",
    "PARTITION BY model ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "",
)  # fmt: skip
NAMED = (
    "1", "'a'", "1.50", "1e2", "NULL", "TRUE", "-1", "- 1", "+1", "1 + 2", "1+2*3", "(1 + 2) * 3", "NOT TRUE", "1 = 1 AND 2 > 1", "1 <> 2", "1 != 2", "'a' LIKE 'b'", "'a' NOT LIKE 'b'", "1 IN (1, 2)", "1 NOT IN (1, 2)", "1 BETWEEN 0 AND 2",
    "NULL IS NULL", "1 IS NOT NULL", "CASE WHEN TRUE THEN 1 ELSE 2 END", "CASE 1 WHEN 1 THEN 'a' END", "CAST('1' AS INT)", "'1'::INT", "INT('1')", "TRY_CAST('x' AS INT)", "count(*)", "count(1)", "COUNT(DISTINCT 1)", "sum(1) + 1",
    "array(1, 2)[0]", "map('a', 1)['a']", "struct(1 AS a, 2).a", "named_struct('b', 1).b", "transform(array(1), x -> x + 1)", "aggregate(array(1), 0, (a, x) -> a + x)", "INTERVAL 1 DAY", "DATE'2026-01-01'", "TIMESTAMP'2026-01-01 00:00:00'", "X'1F'",
    "UPPER('a')", "Substring('abc', 1, 2)", "substr('abc', 2)", "if(TRUE, 1, 2)", "nvl(NULL, 1)", "coalesce(NULL, 1)", "date_add(DATE'2026-01-01', 1)", "dateadd(DAY, 1, DATE'2026-01-01')", "datediff(DATE'2026-01-02', DATE'2026-01-01')",
    "extract(YEAR FROM DATE'2026-01-01')", "year(DATE'2026-01-01')", "date_trunc('MONTH', TIMESTAMP'2026-01-01 00:00:00')", "trim('a ')", "trim(BOTH 'x' FROM 'xax')", "position('a' IN 'ba')", "concat('a', 'b')", "'a' || 'b'", "5 div 2", "5 % 2", "mod(5, 2)",
    "1 & 2", "1 | 2", "1 ^ 2", "~1", "1 << 2", "row_number() OVER (ORDER BY 1)", "sum(1) OVER ()", "(SELECT 1)", "EXISTS (SELECT 1)", "1 AS `a b`", "'it''s'", '"dq"', "r'\\d'", "percentile(1, 0.5)", "now() IS NULL", "round(1.5)", "ceil(1.5)", "ceiling(1.5)", "power(2, 3)", "pow(2, 3)",
    "'a' RLIKE 'b'", "1 <=> NULL", "TRUE OR FALSE", "1L", "1.5D", "1.5BD", "1Y", "float('1.5')", "first(1)", "max_by(1, 2)", "element_at(array(1), 1)", "count_if(TRUE)", "2 > 1 IS TRUE", "sum(DISTINCT 1)", "sum(1) FILTER (WHERE TRUE)", "typeof(1)", "current_date() IS NULL",
)  # fmt: skip
