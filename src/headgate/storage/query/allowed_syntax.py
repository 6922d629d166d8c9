"""Which syntax a query may consist of: an allow-list of sqlglot's node classes. What is not listed is refused by name; so is whatever sqlglot learns later."""

from sqlglot import exp

from headgate.core.errors import BadRequest

ROOTS = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_NODES_MAX = 20_000

_NODES = """
Add Adjacent Alias Aliases All And Any AtTimeZone Between BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Boolean Bracket
CTE Case Cast Column ColumnDef Cube DPipe DataType DataTypeParam Distinct Div Dot EQ Escape Except Exists Fetch Filter From GT GTE Group GroupingSets
Having HexString Identifier IgnoreNulls ILike In IntDiv Intersect Interval IntervalSpan Is JSONPath JSONPathKey JSONPathRoot JSONPathSubscript
JSONPathWildcard JSONKeyValue Join Kwarg LT LTE Lambda Lateral Like Limit Literal Mod Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ Offset Or Order
Ordered Paren Pivot PivotAlias Placeholder Parameter PropertyEQ Qualify RawString RespectNulls Rollup Select Slice Star Sub Subquery Table TableAlias
TableColumn TableSample Tuple Union Unnest Unpivot UnpivotColumns Values Var Version Where Window WindowSpec With WithinGroup
"""
_FUNCTIONS = """
Abs Acos Acosh AddMonths AnyValue ApproxDistinct ApproxQuantile ApproxTopK ArgMax ArgMin Array ArrayAgg ArrayAll ArrayAny ArrayAppend ArrayCompact
ArrayConcat ArrayContains ArrayContainsAll ArrayDistinct ArrayExcept ArrayFilter ArrayFirst ArrayIntersect ArrayLast ArrayMax ArrayMin ArrayOverlaps
ArrayPosition ArrayPrepend ArrayRemove ArrayReverse ArraySize ArraySlice ArraySort ArraySum ArrayToString ArrayUniqueAgg Ascii Asin Asinh Atan
Atan2 Atanh Avg Base64DecodeString Base64Encode BitLength BitwiseAndAgg BitwiseCount BitwiseOrAgg BitwiseXorAgg ByteLength Cbrt Ceil Chr Coalesce Concat ConcatWs
Contains Corr Cos Cosh Cot Count CountIf CovarPop CovarSamp CumeDist CurrentCatalog CurrentDatabase CurrentDate CurrentSchema CurrentTimestamp CurrentUser Date
DateAdd DateDiff DateFromParts DateSub DateTrunc Datetime Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname Degrees DenseRank EndsWith EqualNull Exp
Explode Extract Factorial First FirstValue Flatten Floor FromBase64 FromJson GenerateDateArray GenerateSeries GenerateTimestampArray Greatest GroupConcat Grouping
GroupingId Hex Hour If Initcap IsInf IsNan JSONArray JSONArrayAgg JSONExtract JSONExtractScalar JSONFormat JSONObject JSONObjectAgg Kurtosis Lag
Last LastDay LastValue Lead Least Left Length Levenshtein Ln Localtimestamp Log LogicalAnd LogicalOr Lower LowerHex MD5 Map MapCat MapContainsKey MapFromEntries
MapKeys Max Median Min Minute Mode Month Monthname MonthsBetween Nanvl NthValue Ntile Nullif NumberToStr Nvl2 Pad ParseJSON PercentRank PercentileCont
PercentileDisc Pi Posexplode Pow Quantile Quarter Radians Rand Rank Reduce RegexpCount RegexpExtract RegexpExtractAll RegexpILike RegexpInstr RegexpLike RegexpReplace
RegexpSplit RegexpSubstr RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy Repeat Replace Reverse Right Round
RowNumber SHA SHA2 SafeAdd SafeDivide SafeMultiply SafeSubtract Second SessionUser Sign Sin Sinh Skewness Split SplitPart Sqrt StarMap StartsWith
Stddev StddevPop StddevSamp StrPosition StrToDate StrToMap StrToTime StrToUnix String Struct StructExtract Substring SubstringIndex Sum Tan Tanh TimeStrToDate
TimeStrToTime TimeStrToUnix TimeToStr TimeToUnix TimestampAdd TimestampDiff TimestampFromParts TimestampSub TimestampTrunc ToArray ToBase64 ToBinary ToBoolean ToChar
ToDouble ToMap ToNumber Transform Translate Trim Trunc Try TryCast TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToTimestamp Typeof
Unhex Unicode UnixDate UnixMicros UnixMillis UnixSeconds UnixToStr UnixToTime UnixToTimeStr Upper UtcTimestamp Uuid VarMap Variance VariancePop Week
WeekOfYear WidthBucket Xor Year YearOfWeek
"""
# Functions that sqlglot keeps as plain names: DuckDB's own of the same meaning, our macros, and what is rewritten on the way.
PLAIN_FUNCTIONS = frozenset(
    ["aggregate", "array_join", "array_repeat", "array_sort", "array_union", "arrays_zip", "bigint", "bit_get", "boolean", "bround", "cardinality", "cast", "ceiling", "char", "char_length", "character_length", "concat", "count_if", "curdate", "current_database", "current_schema", "current_catalog", "date_from_unix_date", "date_part", "date_to_unix_date", "datepart", "day", "dayname", "dayofmonth", "decimal", "decode", "double", "element_at", "elt", "encode", "endswith", "every", "exists", "expm1", "find_in_set", "float", "format_number", "format_string", "forall", "from_json", "from_unixtime", "get", "get_json_object", "hash", "hypot", "ifnull", "int", "is_account_group_member", "is_member", "isnotnull", "isnull", "json_array_length", "json_object_keys", "kurtosis", "lcase", "len", "like_any", "locate", "log10", "log1p", "log2", "make_date", "make_timestamp", "map_concat", "map_contains_key", "map_entries", "map_filter", "map_from_arrays", "map_values", "monthname", "named_struct", "negative", "now", "nullifzero", "nvl", "percentile", "percentile_approx", "pmod", "positive", "printf", "range", "rint", "rlike", "sequence", "shiftleft", "shiftright", "sign", "size", "skewness", "smallint", "some", "sort_array", "space", "startswith", "std", "str_to_map", "string", "substr", "tinyint", "timestamp", "timestamp_micros", "timestamp_millis", "timestamp_seconds", "to_json", "to_unix_timestamp", "transform", "transform_keys", "transform_values", "trunc", "try_add", "try_divide", "try_element_at", "try_multiply", "try_parse_json", "try_subtract", "try_sum", "try_to_number", "try_to_timestamp", "try_variant_get", "typeof", "ucase", "unix_micros", "unix_millis", "unix_seconds", "unix_timestamp", "url_decode", "url_encode", "variant_get", "variant_bytes_to_variant", "weekday", "weekofyear", "zeroifnull"]
)  # fmt: skip


def _classes(text: str) -> frozenset[type]:
    """The classes that this version of sqlglot has under these names; a name it lacks allows nothing."""
    found = (getattr(exp, name, None) for name in text.split())
    return frozenset(item for item in found if isinstance(item, type))


_ALLOWED = _classes(_NODES) | _classes(_FUNCTIONS)


def refused(what: str) -> BadRequest:
    """A refusal of a piece of syntax."""
    return BadRequest(f"[UNSUPPORTED_FEATURE] {what}", code="UNSUPPORTED_FEATURE")


def check(tree: exp.Expression) -> None:
    """Refuse the first node that is not listed."""
    for count, node in enumerate(tree.walk(), start=1):
        if count > _NODES_MAX:
            raise refused("The query is too large.")
        kind = type(node)
        if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)):
            name = node.name.lower()
            if name not in PLAIN_FUNCTIONS:
                raise refused(f"The function {name!r} is not taken.")
        elif kind not in _ALLOWED:
            raise refused(f"{kind.__name__} is not taken in a query.")
        elif isinstance(node, exp.Table):
            _check_table(node)


def _check_table(table: exp.Table) -> None:
    if isinstance(table.this, exp.Identifier):
        return
    # A table function: rows that are counted out or unpacked, never read from somewhere.
    if not isinstance(table.this, (exp.GenerateSeries, exp.Explode, exp.Posexplode, exp.Unnest)) and not _is_range(table.this):
        raise refused(f"{table.this.sql('databricks')[:80]!r} is not a table.")


def _is_range(node: object) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "range"
