"""Spark: the session that runs in this process, as under spark-submit and in notebooks, else one on this machine.

Spark hands over a whole result as Arrow: its other ways give rows as Python objects, or need pyarrow on every worker.
Each part of it goes as soon as it is coded, so that the result and its codes are not in memory at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segxl.errors import SegxlError
from segxl.sources.warehouse.session import Engine, Rows, arrow_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_OPTIONS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # else a text that is no number would be a blank
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass
class _Spark:
    engine: Engine
    spark: SparkSession
    ours: bool
    here: bool = False

    def rows(self, statement: str, names: Sequence[str] = ()) -> Rows:
        from pyspark.errors import PySparkException

        try:
            found = self.spark.sql(statement).toArrow()
            schema, parts = found.schema, deque(found.to_batches())
            del found
            return arrow_rows(schema, iter(lambda: parts.popleft() if parts else None, None), names, self.engine.known)
        except PySparkException as error:
            raise self.engine.refused(error) from None

    def close(self) -> None:
        if self.ours:
            self.spark.stop()


def opened(engine: Engine) -> _Spark:
    """A session; one that ran already is left open at the end.

    Raises:
        SegxlError: Spark does not start, as without Java.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    running, asked = SparkSession.getActiveSession(), engine.connection
    builder = SparkSession.builder.appName("segxl")
    if running is None:
        builder = builder.master("local[*]").config("spark.driver.host", "127.0.0.1")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        for option, value in _OPTIONS.items():
            builder = builder.config(option, value)
    try:
        spark = builder.getOrCreate()
        for option in ("spark.sql.session.timeZone", "spark.sql.ansi.enabled"):
            spark.conf.set(option, _OPTIONS[option])
        if asked.database:
            spark.catalog.setCurrentDatabase(asked.database)
    except (PySparkException, RuntimeError) as error:
        if "JAVA" in str(error):
            raise SegxlError(
                f"engine {engine.name}: Spark needs Java 17 or later; install it, or set JAVA_HOME"
            ) from None
        raise engine.not_open(error) from None
    return _Spark(engine, spark, ours=running is None)
