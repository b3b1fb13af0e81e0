"""faiss' exact index: IndexFlatIP."""
import time

import faiss
import numpy as np

from peer import serve

state = {}


def load(folder, top):
    faiss.omp_set_num_threads(1)
    items, queries = np.load(f"{folder}/items.npy"), np.load(f"{folder}/queries.npy")
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)
    state.update(index=index, queries=queries, top=int(top), items=items)


def single(count):
    index, queries, top = state["index"], state["queries"], state["top"]
    started = time.perf_counter()
    for query in range(int(count)):
        index.search(queries[query : query + 1], top)
    return {"us": [(time.perf_counter() - started) / int(count) * 1e6]}


def batch(size, count):
    index, queries, top = state["index"], state["queries"], state["top"]
    started = time.perf_counter()
    for first in range(0, int(count), int(size)):
        index.search(queries[first : min(int(count), first + int(size))], top)
    return {"us": [(time.perf_counter() - started) / int(count) * 1e6]}


def compare(folder):
    """Lists that are equal as sets, and those whose difference is one of rounding at the end of the list."""
    found = np.load(f"{folder}/found.npy")
    same = rounding = 0
    for first in range(0, len(found), 256):
        _, lists = state["index"].search(state["queries"][first : first + 256], state["top"])
        for offset, theirs in enumerate(lists):
            ours = found[first + offset]
            only_ours = np.setdiff1d(ours, theirs)
            if len(only_ours) == 0:
                same += 1
                continue
            only_theirs = np.setdiff1d(theirs, ours)
            query = state["queries"][first + offset].astype(np.float64)
            scores = [state["items"][rows].astype(np.float64) @ query for rows in (only_ours, only_theirs)]
            if len(only_ours) == len(only_theirs) and np.max(np.abs(scores[0].min() - scores[1].max())) <= 1e-6 * abs(
                scores[0]
            ).max():
                rounding += 1
    return {"same": float(same + rounding), "note": f"{same} equal, {rounding} equal but for ties within 1e-6"}


serve(f"faiss {faiss.__version__} IndexFlatIP", {"load": load, "single": single, "batch": batch, "compare": compare})
