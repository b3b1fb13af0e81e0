"""The machine's own limits: sgemm and reading memory, one thread."""
import time

import numpy as np

from peer import serve


def sgemm():
    a, b = (np.random.default_rng(s).standard_normal((2048, 2048)).astype(np.float32) for s in (1, 2))
    a @ b
    started = time.perf_counter()
    a @ b
    return {"gflops": [2 * 2048**3 / (time.perf_counter() - started) / 1e9]}


def read():
    values = np.ones(128 * 2**20, dtype=np.float32)
    values.sum()
    started = time.perf_counter()
    values.max()
    return {"gb_per_second": [values.nbytes / (time.perf_counter() - started) / 1e9]}


serve("numpy", {"sgemm": sgemm, "read": read})
