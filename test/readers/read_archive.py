"""Reads an archive with Apache Arrow and with DuckDB, and prints what each of them finds as JSON; with a query, its result in DuckDB."""

import glob
import json
import sys

import duckdb
import pyarrow.parquet

COLUMNS = ["log_offset", "entry_index", "appended_at", "kind", "id", "event", "actor_type", "actor_id", "time", "received_at", "source", "entry"]
TIMES = {"appended_at", "time", "received_at"}


def milliseconds(value):
    return None if value is None else round(value.timestamp() * 1000)


def rows_of(records):
    return [[milliseconds(value) if name in TIMES else value for name, value in zip(COLUMNS, record)] for record in records]


def by_arrow(pattern):
    rows = []
    for path in sorted(glob.glob(pattern)):
        table = pyarrow.parquet.ParquetFile(path).read()
        assert table.schema.names == COLUMNS, table.schema.names
        rows += rows_of(zip(*[table.column(name).to_pylist() for name in COLUMNS]))
    return rows


def by_duckdb(pattern):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    query = f"SELECT {', '.join(COLUMNS)} FROM read_parquet('{pattern}', hive_partitioning = true) ORDER BY partition, log_offset, entry_index"
    return rows_of(connection.execute(query).fetchall())


if __name__ == "__main__":
    pattern = "archive/partition=*/day=*/*.parquet"
    if len(sys.argv) > 1:
        print(json.dumps([[str(value) for value in row] for row in duckdb.connect().execute(sys.argv[1]).fetchall()]))
    else:
        print(json.dumps({"arrow": by_arrow(pattern), "duckdb": by_duckdb(pattern)}))
