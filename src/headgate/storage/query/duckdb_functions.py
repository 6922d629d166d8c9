"""Which functions DuckDB may run: the second allow-list, in DuckDB's own names, held against the tree that DuckDB itself parsed.

None of these reads a file, a setting, a variable, the environment or the clock of another session, and none writes anything.
"""

from headgate.storage.query import macros

TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})

_OPERATORS = "+ - * / // % ** ^ & | ~ << >> || = < > <= >= ->> @> <@ && ~~ !~~ ~~* !~~* ~~~ ^@"
_NAMES = """
abs acos acosh add any_value apply approx_count_distinct approx_quantile approx_top_k arg_max arg_max_null arg_min arg_min_null argmax argmin array_agg array_aggregate
array_append array_cat array_concat array_contains array_distinct array_extract array_filter array_has array_has_all array_has_any array_indexof
array_intersect array_length array_position array_prepend array_reduce array_reverse array_reverse_sort array_slice array_sort array_to_string array_transform array_unique
array_zip ascii asin asinh atan atan2 atanh avg base64 bin bit_and bit_count bit_length bit_or bit_xor bool_and bool_or cardinality cbrt ceil ceiling century
char_length character_length chr coalesce concat concat_ws contains corr cos cosh cot count count_if count_star countif covar_pop covar_samp cume_dist current_date
current_localtimestamp date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear decade decode degrees
dense_rank divide element_at encode ends_with entropy epoch epoch_ms epoch_ns epoch_us era error even exp factorial favg filter first first_value flatten floor format
from_base64 from_hex from_json from_json_strict gcd generate_series generate_subscripts get_current_timestamp greatest group_concat grouping grouping_id hash hex histogram hour if
ifnull instr isfinite isinf isnan isodow isoyear json json_array json_array_length json_contains json_extract json_extract_path json_extract_path_text
json_extract_string json_group_array json_group_object json_keys json_object json_quote json_transform json_transform_strict json_type json_valid json_value julian
kurtosis kurtosis_pop lag last last_day last_value lcase lcm lead least left len length levenshtein lgamma like_escape list list_aggr list_aggregate
list_any_value list_append list_apply list_avg list_bool_and list_bool_or list_cat list_concat list_contains list_count list_distinct list_element list_extract list_filter
list_first list_has list_has_all list_has_any list_indexof list_intersect list_last list_max list_median list_min list_mode list_pack list_position list_prepend
list_reduce list_resize list_reverse list_reverse_sort list_select list_slice list_sort list_sum list_transform list_unique list_value list_where list_zip ln log log10 log2
lower lpad ltrim mad make_date make_time make_timestamp make_timestamptz map map_concat map_contains map_contains_entry map_contains_value map_entries map_extract
map_extract_value map_from_entries map_keys map_values max max_by md5 mean median microsecond millisecond min min_by minute mod mode month monthname multiply nanosecond
not_ilike_escape not_like_escape ilike_escape now nth_value ntile nullif octet_length ord overlay percent_rank pi position pow power prefix printf product quantile
quantile_cont quantile_disc quarter radians random range rank regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
regexp_split_to_array regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right round round_even row
row_number row_to_json rpad rtrim second sem sha1 sha256 sign sin sinh skewness split split_part sqrt starts_with stddev stddev_pop stddev_samp str_split
str_split_regex strftime string_agg string_split string_split_regex string_to_array strip_accents strlen strpos strptime struct_extract struct_extract_at struct_insert
struct_pack struct_concat struct_keys struct_values substr substring subtract suffix sum sum_no_overflow tan tanh time_bucket timezone
to_base64 to_binary to_days to_hex to_hours to_json to_microseconds to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years today
transaction_timestamp translate trim trunc try_strptime typeof ucase unbin unhex unicode unnest upper url_decode url_encode
uuid var_pop var_samp variance variant_array_length variant_bytes_to_variant variant_extract variant_keys variant_typeof week weekday weekofyear xor year yearweek
try
"""  # fmt: skip

FUNCTIONS = frozenset(_NAMES.split()) | frozenset(_OPERATORS.split()) | macros.NAMES
