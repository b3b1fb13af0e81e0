"""hnswlib: an approximate graph, M 16, ef construction 200, ef 200."""
import time

import hnswlib
import numpy as np

from peer import serve

state = {}


def load(folder, top):
    items, queries = np.load(f"{folder}/items.npy"), np.load(f"{folder}/queries.npy")
    index = hnswlib.Index(space="ip", dim=items.shape[1])
    index.init_index(max_elements=len(items), ef_construction=200, M=16, random_seed=1)
    index.add_items(items, num_threads=2)
    index.set_ef(200)
    index.set_num_threads(1)
    state.update(index=index, queries=queries, top=int(top), items=items)


def single(count):
    started = time.perf_counter()
    for query in range(int(count)):
        state["index"].knn_query(state["queries"][query : query + 1], k=state["top"])
    return {"us": [(time.perf_counter() - started) / int(count) * 1e6]}


def batch(size, count):
    started = time.perf_counter()
    for first in range(0, int(count), int(size)):
        state["index"].knn_query(state["queries"][first : min(int(count), first + int(size))], k=state["top"])
    return {"us": [(time.perf_counter() - started) / int(count) * 1e6]}


def recall():
    queries, top = state["queries"][:500], state["top"]
    labels, _ = state["index"].knn_query(queries, k=top)
    exact = np.argpartition(-(queries @ state["items"].T), top - 1, axis=1)[:, :top]
    return {"recall": [float(np.mean([len(np.intersect1d(a, b)) / top for a, b in zip(labels, exact)]))]}


serve("hnswlib", {"load": load, "single": single, "batch": batch, "recall": recall})
