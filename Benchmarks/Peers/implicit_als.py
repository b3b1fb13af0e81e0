"""implicit's alternating least squares: its own solvers, called as its fit() calls them."""
import os
import time

import implicit
import numpy as np
import scipy.sparse as sp
from implicit.cpu import _als

from peer import memory, serve

THREADS = int(os.environ.get("BENCH_THREADS", "1"))
ALPHA = 39.0
REGULARIZATION = 0.5 * ALPHA
state = {}


def load(folder, users, items):
    data, indices, indptr = (np.load(f"{folder}/{n}.npy") for n in ("data", "indices", "indptr"))
    if len(indices) < 2**31:
        indptr = indptr.astype(np.int32)
    confidences = sp.csr_matrix((1 + ALPHA * data, indices, indptr), shape=(int(users), int(items)))
    state["user_items"] = confidences.astype(np.float32)
    state["item_users"] = confidences.T.tocsr().astype(np.float32)


def solver(is_cg):
    def run(matrix, rows, fixed):
        if is_cg:
            _als.least_squares_cg(matrix, rows, fixed, REGULARIZATION, num_threads=THREADS, cg_steps=3)
        else:
            _als.least_squares(matrix, rows, fixed, REGULARIZATION, num_threads=THREADS)

    return run


def start(factors):
    random = np.random.RandomState(1)
    rows, columns = state["user_items"].shape
    return [(random.rand(n, factors) * 0.01).astype(np.float32) for n in (rows, columns)]


def sweep(solve, users, items):
    solve(state["user_items"], users, items)
    solve(state["item_users"], items, users)


def sweeps(factors, is_cg, count):
    solve = solver(is_cg == "1")
    users, items = start(int(factors))
    # The first sweep starts from noise.
    sweep(solve, users, items)
    cpu, wall = [], []
    for _ in range(int(count)):
        before = time.process_time(), time.perf_counter()
        sweep(solve, users, items)
        cpu.append(time.process_time() - before[0])
        wall.append(time.perf_counter() - before[1])
    return {"cpu": cpu, "wall": wall}


def excess(factors, count):
    losses = []
    for is_cg in (False, True):
        users, items = start(int(factors))
        for _ in range(int(count)):
            sweep(solver(is_cg), users, items)
        losses.append(_als.calculate_loss(state["user_items"], users, items, REGULARIZATION, num_threads=THREADS))
    return {"percent": [(losses[1] / losses[0] - 1) * 100]}


serve(
    f"implicit {implicit.__version__}",
    {"load": load, "sweeps": sweeps, "excess": excess, "memory": memory},
)
