"""cmfrec's implicit-feedback model: conjugate gradients of three steps, timed a sweep."""
import importlib.metadata
import os
import time

import cmfrec
import numpy as np
import scipy.sparse as sp

from peer import memory, serve

THREADS = int(os.environ.get("BENCH_THREADS", "1"))
ALPHA = 39.0
REGULARIZATION = 0.5 * ALPHA
state = {}


def load(folder, users, items):
    data, indices, indptr = (np.load(f"{folder}/{n}.npy") for n in ("data", "indices", "indptr"))
    state["matrix"] = sp.csr_matrix((data, indices, indptr), shape=(int(users), int(items))).astype(np.float32).tocoo()


def fit(factors, sweeps, is_cg):
    model = cmfrec.CMF_implicit(
        k=factors, lambda_=REGULARIZATION, alpha=ALPHA, niter=sweeps, use_cg=is_cg, max_cg_steps=3, finalize_chol=False,
        use_float=True, nthreads=THREADS, verbose=False, precompute_for_predictions=False,
    )
    before = time.process_time(), time.perf_counter()
    model.fit(X=state["matrix"])
    return time.process_time() - before[0], time.perf_counter() - before[1]


def sweeps(factors, is_cg, count):
    # fit() converts its input first: the time of one sweep is the difference of a long and a short run.
    short = fit(int(factors), 1, is_cg == "1")
    long = fit(int(factors), 1 + int(count), is_cg == "1")
    return {name: [(long[at] - short[at]) / int(count)] for at, name in enumerate(("cpu", "wall"))}


serve("cmfrec " + importlib.metadata.version("cmfrec"), {"load": load, "sweeps": sweeps, "memory": memory})
