"""pandas: chunks of a CSV file into a SQLite table."""
import os
import sqlite3
import time

import pandas as pd

from peer import serve


def ingest(path, target):
    started = time.perf_counter()
    rows = 0
    with sqlite3.connect(target) as connection:
        for chunk in pd.read_csv(path, chunksize=500_000, dtype={"article_id": str, "customer_id": str}, parse_dates=["t_dat"]):
            chunk.to_sql("history", connection, if_exists="append", index=False)
            rows += len(chunk)
    connection.close()
    spent = time.perf_counter() - started
    os.remove(target)
    return {"rows_per_second": [rows / spent]}


serve(f"pandas {pd.__version__}", {"ingest": ingest})
