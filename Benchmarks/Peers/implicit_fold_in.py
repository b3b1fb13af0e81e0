"""implicit's recalculate_user and top-k for visitors it has never seen."""
import time

import implicit
import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares

from peer import serve

state = {}


def load(folder):
    items, sessions = np.load(f"{folder}/items.npy"), np.load(f"{folder}/sessions.npy")
    model = AlternatingLeastSquares(factors=items.shape[1], regularization=19.5, num_threads=1)
    model.item_factors = items
    model.user_factors = np.zeros((1, items.shape[1]), dtype=np.float32)
    state.update(model=model, sessions=sessions, count=len(items))


def requests(count):
    times = []
    for items in state["sessions"][: int(count)]:
        started = time.perf_counter()
        items = np.unique(items)
        row = sp.csr_matrix(
            (np.full(len(items), 40, dtype=np.float32), items, [0, len(items)]), shape=(1, state["count"])
        )
        state["model"].recommend(0, row, N=20, recalculate_user=True, filter_already_liked_items=False)
        times.append((time.perf_counter() - started) * 1e3)
    return {"ms": times}


serve(f"implicit {implicit.__version__}", {"load": load, "requests": requests})
