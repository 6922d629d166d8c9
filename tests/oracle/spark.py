"""Spark as Databricks' SQL runs by default: ANSI mode, a session time zone. Runs in `.oracle`, an environment that has PySpark and pyarrow and no Headgate."""

import logging
import os
import re
from pathlib import Path

os.environ["TZ"] = "UTC"
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType, DataType, MapType, StringType, StructField, StructType

from tests.oracle import canonical, tables
from tests.oracle.statements import ALONE

_SETTINGS = {
    "spark.driver.memory": "1536m",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC -Dfile.encoding=UTF-8",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # One partition, or the order of rows would be chance.
    "spark.sql.leafNodeDefaultParallelism": "1",
}
_TOGETHER = 24
_CLASS = re.compile(r"\[([A-Z][A-Z0-9_.]+)\].*?SQLSTATE: (\w{5})", re.DOTALL)


def session(folder: str) -> SparkSession:
    """A local session with the corpus's tables; Spark's own files go to this folder."""
    logging.disable(logging.CRITICAL)  # PySpark logs every error of a statement with its stack
    Path(folder).mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.master("local[1]").appName("oracle")
    for name, value in {**_SETTINGS, "spark.sql.warehouse.dir": f"{folder}/warehouse", "spark.local.dir": folder}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    for name, table in tables.tables().items():
        spark.createDataFrame(table).coalesce(1).createOrReplaceTempView(name)
    return spark


def answer(spark: SparkSession, sql: str, zone: str = "UTC") -> dict[str, object]:
    """What the statement gives: names, types and rows; or the error's class and SQLSTATE, and its text under `message`."""
    return answers(spark, [sql], zone)[0]


def answers(spark: SparkSession, statements: list[str], zone: str = "UTC") -> list[dict[str, object]]:
    """What each statement gives. Selected expressions are evaluated many at a time: a job takes Spark a tenth of a second, whatever it computes."""
    spark.conf.set("spark.sql.session.timeZone", zone)
    found: dict[int, dict[str, object]] = {}
    together: list[tuple[int, str, list[StructField]]] = []
    for place, sql in enumerate(statements):
        try:
            frame = spark.sql(sql)
            fields = frame.schema.fields
            if ALONE.search(sql):
                found[place] = _answer(fields, canonical.rows(_table(frame)))
            else:
                frame._jdf.queryExecution().optimizedPlan()  # folds constants, so it fails where evaluating would
                together.append((place, sql, fields))
        except Exception as error:  # ruff: ignore[blind-except] - the other statements are asked all the same
            found[place] = _failed(error)
    for start in range(0, len(together), _TOGETHER):
        _evaluate(spark, together[start : start + _TOGETHER], found)
    return [found[place] for place in range(len(statements))]


def _evaluate(spark: SparkSession, group: list[tuple[int, str, list[StructField]]], found: dict[int, dict[str, object]]) -> None:
    """Evaluate expressions in one statement; where it fails, each half by itself."""
    rows: list[list[object]] = []
    try:
        rows = canonical.rows(_table(spark.sql("SELECT " + ", ".join(sql.removeprefix("SELECT ") for _, sql, _ in group))))
    except Exception as error:  # ruff: ignore[blind-except] - whatever it is, it is one statement's
        if len(group) == 1:
            found[group[0][0]] = _failed(error)
            return
    if len(rows) != 1 and len(group) > 1:
        half = len(group) // 2
        _evaluate(spark, group[:half], found)
        _evaluate(spark, group[half:], found)
        return
    at = 0
    for place, _, fields in group:
        found[place] = _answer(fields, [row[at : at + len(fields)] for row in rows])
        at += len(fields)


def _answer(fields: list[StructField], rows: list[list[object]]) -> dict[str, object]:
    return {"names": [field.name for field in fields], "types": [field.dataType.simpleString() for field in fields], "rows": rows}


def _failed(error: Exception) -> dict[str, object]:
    """An error of Spark, or one of Python's for what cannot be passed to it; the caller leaves such a statement out."""
    if isinstance(error, PySparkException):
        message = str(error).split("\n\nJVM stacktrace")[0]
        return {"error": error.getCondition() or type(error).__name__, "state": error.getSqlState() or "", "message": message[:2000]}
    if isinstance(error, Py4JJavaError) and (wrapped := _CLASS.search(str(error))):  # PySpark does not look into every exception
        return {"error": wrapped[1], "state": wrapped[2], "message": wrapped[0][:2000]}
    return {"error": f"PYTHON {type(error).__name__}", "state": "", "message": str(error)[:2000]}


def _table(frame: DataFrame) -> pa.Table:
    """The rows as Arrow. Types that Arrow lacks are written as text, as Spark writes them."""
    kinds = [field.dataType for field in frame.schema.fields]
    if not kinds:
        return pa.table({})
    frame = frame.toDF(*[f"c{place}" for place in range(len(kinds))])
    shown = [_shown(f"c{place}", kind) for place, kind in enumerate(kinds)]
    return frame.select(*shown).toArrow()


def _shown(name: str, kind: DataType):
    if kind.typeName() == "variant":
        return f.to_json(f.col(name)).alias(name)
    if _odd(kind):
        return f.col(name).cast("string").alias(name)
    return f.col(name) if kind.typeName() == "void" or "void" not in kind.simpleString() else f.col(name).cast(_without_void(kind))


def _without_void(kind: DataType) -> DataType:
    """Arrow has no list of nothing: NULLs of no type become NULLs of text."""
    if isinstance(kind, ArrayType):
        return ArrayType(_without_void(kind.elementType))
    if isinstance(kind, MapType):
        return MapType(_without_void(kind.keyType), _without_void(kind.valueType))
    if isinstance(kind, StructType):
        return StructType([StructField(field.name, _without_void(field.dataType)) for field in kind.fields])
    return StringType() if kind.typeName() == "void" else kind


def _odd(kind: DataType) -> bool:
    if isinstance(kind, ArrayType):
        return _odd(kind.elementType)
    if isinstance(kind, MapType):
        return _odd(kind.keyType) or _odd(kind.valueType)
    if isinstance(kind, StructType):
        return any(_odd(field.dataType) for field in kind.fields)
    return "interval" in kind.typeName() or kind.typeName() in {"variant", "time", "geometry", "geography"}
