"""Which syntax a query may have: an allow-list of sqlglot's node classes and of function names.

What is not listed is refused by its name. So is everything that a later sqlglot learns.
"""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from headgate.core.errors import BadRequest

ROOTS = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_NODES_MAX = 20_000

# sqlglot's classes of the syntax itself.
_SYNTAX = {
    "clauses": """
        CTE Cube Distinct Except Fetch From Group GroupingSets Having Intersect Join Lateral Limit Offset Order Ordered Pivot PivotAlias Qualify Rollup
        Select Subquery Table TableAlias TableColumn TableSample Union Unnest Unpivot UnpivotColumns Values Version Where Window WindowSpec With
        WithinGroup
    """,
    "names and literals": """
        Alias Aliases Boolean Column ColumnDef DataType DataTypeParam HexString Identifier Interval IntervalSpan Kwarg Literal Null Parameter
        Placeholder PropertyEQ RawString Star Tuple Var
    """,
    "operators": """
        Add Adjacent All And Any AtTimeZone Between BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Bracket Case Cast
        DPipe Div Dot EQ Escape Exists Filter GT GTE ILike IgnoreNulls In IntDiv Is LT LTE Lambda Like Mod Mul NEQ Neg Not NullSafeEQ NullSafeNEQ Or
        Paren RespectNulls Slice Sub
    """,
    "paths in JSON": "JSONKeyValue JSONPath JSONPathKey JSONPathRoot JSONPathSubscript JSONPathWildcard",
}
# The functions that sqlglot has a class for.
_FUNCTIONS = {
    "arrays, maps, structs": """
        Array ArrayAll ArrayAny ArrayAppend ArrayCompact ArrayConcat ArrayContains ArrayContainsAll ArrayDistinct ArrayExcept ArrayFilter ArrayFirst
        ArrayIntersect ArrayLast ArrayMax ArrayMin ArrayOverlaps ArrayPosition ArrayPrepend ArrayRemove ArrayReverse ArraySize ArraySlice ArraySort
        ArraySum ArrayToString Explode Flatten GenerateSeries Map MapCat MapContainsKey MapFromEntries MapKeys Posexplode Reduce StarMap StrToMap
        Struct StructExtract ToArray ToMap Transform VarMap
    """,
    "aggregates and windows": """
        AnyValue ApproxDistinct ApproxQuantile ApproxTopK ArgMax ArgMin ArrayAgg ArrayUniqueAgg Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg Corr
        Count CountIf CovarPop CovarSamp CumeDist DenseRank First FirstValue GroupConcat Grouping GroupingId Kurtosis Lag Last LastValue Lead
        LogicalAnd LogicalOr Max Median Min Mode NthValue Ntile PercentRank PercentileCont PercentileDisc Quantile Rank RegrAvgx RegrAvgy RegrCount
        RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy RowNumber Skewness Stddev StddevPop StddevSamp Sum Variance VariancePop
    """,
    "conditions and conversions": """
        Coalesce EqualNull Greatest If Least Nullif Nvl2 NumberToStr String ToBinary ToBoolean ToChar ToDouble ToNumber Try TryCast Typeof
    """,
    "dates and times": """
        AddMonths CurrentDate CurrentTimestamp Date DateAdd DateDiff DateFromParts DateSub DateTrunc Datetime Day DayOfMonth DayOfWeek DayOfWeekIso
        DayOfYear Dayname Extract GenerateDateArray GenerateTimestampArray Hour LastDay Localtimestamp Minute Month Monthname MonthsBetween Quarter
        Second StrToDate StrToTime StrToUnix TimeStrToDate TimeStrToTime TimeStrToUnix TimeToStr TimeToUnix TimestampAdd TimestampDiff
        TimestampFromParts TimestampSub TimestampTrunc TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToTimestamp UnixDate UnixMicros
        UnixMillis UnixSeconds UnixToStr UnixToTime UnixToTimeStr UtcTimestamp Week WeekOfYear Year YearOfWeek
    """,
    "JSON": "FromJson JSONArray JSONArrayAgg JSONExtract JSONExtractScalar JSONFormat JSONObject JSONObjectAgg ParseJSON",
    "numbers": """
        Abs Acos Acosh Asin Asinh Atan Atan2 Atanh BitwiseCount Cbrt Ceil Cos Cosh Cot Degrees Exp Factorial Floor IsInf IsNan Ln Log Nanvl Pi Pow
        Radians Rand Round SafeAdd SafeDivide SafeMultiply SafeSubtract Sign Sin Sinh Sqrt Tan Tanh Trunc WidthBucket Xor
    """,
    "the session": "CurrentCatalog CurrentDatabase CurrentSchema CurrentUser SessionUser",
    "texts and bytes": """
        Ascii Base64DecodeString Base64Encode BitLength ByteLength Chr Concat ConcatWs Contains EndsWith FromBase64 Hex Initcap Left Length
        Levenshtein Lower LowerHex MD5 Pad RegexpCount RegexpExtract RegexpExtractAll RegexpILike RegexpInstr RegexpLike RegexpReplace RegexpSplit
        RegexpSubstr Repeat Replace Reverse Right SHA SHA2 Split SplitPart StartsWith StrPosition Substring SubstringIndex ToBase64 Translate Trim
        Unhex Unicode Upper Uuid
    """,
}
# The functions that sqlglot has no class for, by their names.
_NAMED_FUNCTIONS = {
    "rewritten on the way (`rewrite`)": """
        bigint boolean current_catalog current_database current_schema decimal double float forall from_json int is_account_group_member is_member
        isnotnull isnull smallint string timestamp tinyint try_variant_get unix_timestamp variant_get weekday
    """,
    "our macros in DuckDB (`macros`)": """
        bround expm1 hypot log1p negative nullifzero nvl pmod positive space timestamp_micros timestamp_millis timestamp_seconds unix_micros
        unix_millis unix_seconds zeroifnull
    """,
    "written in DuckDB's words by sqlglot, or DuckDB's own": """
        aggregate array_join array_repeat array_sort array_union arrays_zip bit_get cardinality cast ceiling char char_length character_length concat
        count_if curdate date_from_unix_date date_part date_to_unix_date datepart day dayname dayofmonth decode element_at elt encode endswith every
        exists find_in_set format_number format_string from_unixtime get get_json_object hash ifnull json_array_length json_object_keys kurtosis lcase
        len like_any locate log10 log2 make_date make_timestamp map_concat map_contains_key map_entries map_filter map_from_arrays map_values
        monthname named_struct now percentile percentile_approx printf range rint rlike sequence shiftleft shiftright sign size skewness some
        sort_array startswith std str_to_map substr to_json to_unix_timestamp transform transform_keys transform_values trunc try_add try_divide
        try_element_at try_multiply try_parse_json try_subtract try_sum try_to_number try_to_timestamp typeof ucase url_decode url_encode
        variant_bytes_to_variant weekofyear
    """,
}


def _names(table: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for names in table.values() for name in names.split())


def _classes(names: Iterable[str]) -> frozenset[type]:
    """The classes that this version of sqlglot has under these names; a name that it lacks allows nothing."""
    found = (getattr(exp, name, None) for name in names)
    return frozenset(item for item in found if isinstance(item, type))


_ALLOWED = _classes(_names(_SYNTAX) | _names(_FUNCTIONS))
NAMED_FUNCTIONS = _names(_NAMED_FUNCTIONS)


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
            if name not in NAMED_FUNCTIONS:
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
