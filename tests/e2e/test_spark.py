"""Spark with Delta reads our tables by path, appends to them, and travels in them; what it writes is read here. Needs `pyspark` and `delta-spark`."""

import json
import subprocess
import sys
import time

import pytest

from tests.e2e.asking import CASES, Asking
from tests.e2e.lab import ROOT, running
from tests.e2e.workspace import administrator
from tests.fakes.page_ddl import METRICS, filled

pytestmark = pytest.mark.slow

# In a process of its own: a Java machine lives and dies with it.
PROGRAM = """
import json, sys
from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession

builder = SparkSession.builder.master("local[1]")
for key, value in {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.databricks.delta.snapshotPartitions": "1",
}.items():
    builder = builder.config(key, value)
spark = configure_spark_with_delta_pip(builder).getOrCreate()
usage, metrics = sys.argv[1:]
spark.sql(f"INSERT INTO delta.`{metrics}` (name, metric_type, sum) SELECT 'm', 'sum', "
          "named_struct('start_time_unix_nano', 1L, 'time_unix_nano', 2L, 'value', 0.5D, 'exemplars', array(), "
          "'attributes', map('model', 'x'), 'flags', 0, 'aggregation_temporality', 'AGGREGATION_TEMPORALITY_DELTA', 'is_monotonic', true)")
count = lambda table, version="": spark.sql(f"SELECT count(*) FROM delta.`{table}` {version}").collect()[0][0]
rows = spark.sql(f"SELECT request_id, requester, input_tokens, cast(charge AS string) AS charge FROM delta.`{usage}`").collect()
print("RESULT " + json.dumps({
    "rows": [row.asDict() for row in rows],
    "metrics": [count(metrics), count(metrics, "VERSION AS OF 0")],
    "property": {row[0]: row[1] for row in spark.sql(f"SHOW TBLPROPERTIES delta.`{metrics}`").collect()}.get("otel.schemaVersion"),
}))
"""


def test_spark_by_path(tmp_path):
    """Rows, values, versions and properties are the same on both sides."""
    pytest.importorskip("pyspark")
    pytest.importorskip("delta")
    with running(tmp_path / "gateway", None, arguments=("--demo",)) as gateway:
        root = administrator(gateway)
        root.rows(filled(METRICS))
        case = next(case for case in CASES if case.dialect == "anthropic")
        with Asking(gateway.url, gateway.token, case.path(stream=False), case.body("hello", stream=False)) as asking:
            asking.rest()
        warehouse = f"{gateway.data}/warehouse"
        deadline = time.monotonic() + 20
        detail = "DESCRIBE HISTORY system.ai_gateway.usage"
        while len(root.rows(detail)) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        arguments = [sys.executable, "-c", PROGRAM, f"{warehouse}/system/ai_gateway/usage", f"{warehouse}/main/default/claude_code_otel_metrics"]
        ran = subprocess.run(arguments, capture_output=True, text=True, timeout=600, cwd=ROOT, check=False)
        assert ran.returncode == 0, ran.stderr[-4000:]
        seen = json.loads(next(line for line in ran.stdout.splitlines() if line.startswith("RESULT ")).removeprefix("RESULT "))
        mine = root.rows("SELECT request_id, requester, input_tokens, charge FROM system.ai_gateway.usage")
        assert [[str(row[key]) for key in ("request_id", "requester", "input_tokens", "charge")] for row in seen["rows"]] == mine
        assert (seen["metrics"], seen["property"]) == ([1, 0], "v1")
        query = "SELECT name, sum.value, sum.attributes['model'], sum.is_monotonic FROM main.default.claude_code_otel_metrics"
        assert root.rows(query) == [["m", "0.5", "x", "true"]]
