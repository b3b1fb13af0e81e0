"""usearch's exact search, one thread."""
import time

import numpy as np
import usearch
from usearch.index import search

from peer import serve

state = {}


def load(folder, top):
    state.update(items=np.load(f"{folder}/items.npy"), queries=np.load(f"{folder}/queries.npy"), top=int(top))


def run(first, last):
    return search(state["items"], state["queries"][first:last], state["top"], metric="ip", exact=True, threads=1)


def single(count):
    count = min(int(count), 100)
    started = time.perf_counter()
    for query in range(count):
        run(query, query + 1)
    return {"us": [(time.perf_counter() - started) / count * 1e6]}


def batch(size, count):
    count = min(int(count), 256)
    started = time.perf_counter()
    for first in range(0, count, int(size)):
        run(first, min(count, first + int(size)))
    return {"us": [(time.perf_counter() - started) / count * 1e6]}


serve(f"usearch {usearch.__version__} exact", {"load": load, "single": single, "batch": batch, "recall": lambda: {"recall": [1.0]}})
