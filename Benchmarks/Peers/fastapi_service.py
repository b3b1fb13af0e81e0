"""FastAPI, numpy and redis-py: GET /v1/users/{id}/recommendations?limit=12 as a good Python engineer would serve it.

    fastapi_service.py --model FOLDER --redis redis://127.0.0.1:6379 --port 8000 --workers 2

FOLDER is one version of a model as rec-train writes it; windows in Redis are those that rec-serve writes. The line
`ready http://127.0.0.1:PORT` on the standard output says that every worker answers. SIGTERM ends it.

For each request: the user's window in one round trip, merged with the history of training; where it tells news, the
user's factors by the normal equation of implicit ALS, else the trained ones; a score for every item; the best of them.
That is the taste part only. Our server weighs some thirty signals (random walks, sequences, own history, content,
segments, sales of several spans), follows the catalogue, keeps places for new items and logs what it has shown: a
comparison with this service is in the service's favour.
"""
import argparse
import gc
import math
import os
import signal
import socket
import sys
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

# One thread for each worker: with as many workers as cores, more would only get in each other's way. The libraries
# read these once, when they are imported.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import orjson
import uvicorn
from fastapi import FastAPI, Query, Response
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from scipy.linalg.lapack import sposv

LONGEST = 200
WEEK = 2  # the row of item_decayed_events whose half-life is seven days
POPULARITY_WEIGHT = np.float32(0.02)
LETTERS = {"view": b"V", "click": b"K", "cart": b"C", "purchase": b"P", "rating": b"R", "dislike": b"D"}


class Model:
    def __init__(self, folder):
        def array(name):
            # asarray: indexing a np.memmap makes a np.memmap each time, which costs more than the lookup.
            return np.asarray(np.load(f"{folder}/{name}.npy", mmap_mode="r"))

        def names(name):
            offsets, data = array(f"{name}_offsets").tolist(), array(f"{name}_bytes").tobytes()
            return [data[first:end] for first, end in zip(offsets, offsets[1:])]

        with open(f"{folder}/manifest.json", "rb") as file:
            manifest = orjson.loads(file.read())
        parameters = manifest["parameters"]
        self.version = manifest["version"]
        self.repeats = parameters["repeats"]
        self.unobserved = parameters["unobservedWeight"]
        self.regularization = parameters["regularization"]
        self.frequency_scaling = parameters["frequencyScaling"]
        self.kind_weights = {name.encode(): weight for name, weight in parameters["kindWeights"].items()}
        self.kind_weights |= {LETTERS[n]: w for n, w in parameters["kindWeights"].items() if n in LETTERS}

        # Names of Redis are bytes, those of a path are texts: each table holds what it is asked for.
        items = names("item_ids")
        self.item_rows = {name: row for row, name in enumerate(items)}
        self.items = [name.decode() for name in items]
        self.user_rows = {name.decode(): row for row, name in enumerate(names("user_ids"))}

        self.offsets, self.indices = array("history_offsets"), array("history_indices")
        self.confidences, self.last_minutes = array("history_values"), array("history_last_minutes")
        self.user_factors, self.item_factors = array("user_factors"), array("item_factors")
        self.count, self.dimension = self.item_factors.shape
        # The same, a factor of all items after the other: OpenBLAS multiplies it by a vector in half the time. Workers
        # share this memory as well, because they are forked.
        self.columns = np.ascontiguousarray(self.item_factors.T)

        exposure = array("item_exposure") if parameters["usesExposure"] else np.ones(self.count, dtype=np.float32)
        self.gram = np.float32(self.unobserved) * ((self.item_factors * exposure[:, None]).T @ self.item_factors)
        self.means = None
        if parameters["usesAttributes"]:
            self.means = array("user_prior"), array("user_segments_offsets"), array("user_segments_indices")

        events = array("item_decayed_events")[WEEK] + 1
        self.prior = POPULARITY_WEIGHT * np.log(events / events.sum(dtype=np.float64)).astype(np.float32)
        # Which items a shop hides stands in its catalogue, not in this folder: here those without any event are hidden.
        # As a part of the prior the mask costs a request nothing.
        self.prior[array("item_events") == 0] = -np.inf
        self.popular = self.best(self.prior, LONGEST)
        self.scores = np.empty(self.count, dtype=np.float32)

    def merged(self, row, window):
        """Items and confidences of a user's past, and whether the window told anything that training did not know."""
        past = slice(0, 0) if row is None else slice(self.offsets[row], self.offsets[row + 1])
        items, confidences, last_minutes = self.indices[past], self.confidences[past], self.last_minutes[past]
        added = {}
        for member, milliseconds in window:
            _, name, kind, *_ = member.split(b"\x1f")
            weight = self.kind_weights.get(kind, 1.0)
            item = self.item_rows.get(name)
            if weight <= 0 or item is None:
                continue
            place = int(items.searchsorted(item))
            is_known = place < len(items) and items[place] == item
            if is_known and int(milliseconds) // 60_000 <= last_minutes[place]:
                continue
            if item not in added:
                added[item] = [place if is_known else None, weight_of(confidences[place]) if is_known else 0.0]
            added[item][1] += weight
        if not added:
            return items, confidences, False
        confidences = confidences.copy()
        new = []
        for item, (place, weight) in added.items():
            if place is None:
                new.append((item, confidence_of(weight)))
            else:
                confidences[place] = confidence_of(weight)
        if new:
            items = np.concatenate([items, np.array([item for item, _ in new], dtype=np.int32)])
            confidences = np.concatenate([confidences, np.array([value for _, value in new], dtype=np.float32)])
        return items, confidences, True

    def folded(self, row, items, confidences):
        """(a0 Y'BY + Yu' C Yu + l I) x = Yu' C 1 + l m, as training solves it: l grows with the sum of confidences.

        Y'Y and the rest of the implicit formula with C - I are the same equation in other units; B is how long each
        item was there, and the mean m is zero unless the model uses attributes.
        """
        factors = self.item_factors[items]
        base = self.unobserved * self.count
        ridge = self.regularization * (float(confidences.sum()) + base) ** self.frequency_scaling
        weighted = factors * np.sqrt(confidences)[:, None]
        system = weighted.T @ weighted
        system += self.gram
        system.flat[:: self.dimension + 1] += np.float32(ridge)
        right = confidences @ factors
        if self.means and row is not None:
            prior, offsets, segments = self.means
            right += np.float32(ridge) * prior[segments[offsets[row] : offsets[row + 1]]].sum(axis=0)
        # The transposed view of a symmetric matrix is in Fortran's order: LAPACK takes it without a copy.
        _, solution, info = sposv(system.T, right, overwrite_a=True, overwrite_b=True)
        if info != 0:
            raise ArithmeticError(f"the normal equation has no Cholesky factor ({info})")
        return solution

    def best(self, scores, limit):
        """The places of an answer: the best of the items that may be shown, with their scores."""
        # The last score that has a place, and who reaches it: a quarter faster than argpartition.
        limit = min(limit, len(scores))
        rows = np.flatnonzero(scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit])
        rows = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
        return [(self.items[row], score) for row, score in zip(rows.tolist(), scores[rows].tolist()) if score > -np.inf]

    def answer(self, user, window, limit):
        """The mode and the places."""
        row = self.user_rows.get(user)
        items, confidences, is_news = self.merged(row, window)
        if len(items) == 0:
            return "cold_start", "popular", self.popular[:limit]
        factors = self.folded(row, items, confidences) if is_news else self.user_factors[row]
        np.dot(factors, self.columns, out=self.scores)
        self.scores += self.prior
        if not self.repeats:
            self.scores[items] = -np.inf
        return "recency", "taste", self.best(self.scores, limit)


def confidence_of(weight):
    return weight if weight <= 1 else 1 + math.log(weight)


def weight_of(confidence):
    return float(confidence) if confidence <= 1 else math.exp(confidence - 1)


def application(model, redis, ready):
    @asynccontextmanager
    async def lifespan(app):
        os.write(ready, b".")
        os.close(ready)
        yield
        await redis.aclose()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.get("/v1/users/{user}/recommendations")
    async def recommendations(user: str, limit: Annotated[int, Query(ge=1, le=LONGEST)] = 12) -> Response:
        degraded = []
        try:
            window = await redis.zrange("w:" + user, 0, -1, withscores=True)
        except (RedisError, OSError):
            window, degraded = [], ["sessions"]
        # Here and not in a pool of threads: measured, those answer as many requests and have longer tails, since the
        # workers keep all cores busy by themselves.
        mode, reason, places = model.answer(user, window, limit)
        answer = {
            "recommendation_id": str(uuid4()),
            "model_version": model.version,
            "mode": mode,
            "policy": "greedy",
            "items": [
                {"id": item, "score": score, "rank": rank, "propensity": 1, "reason": reason}
                for rank, (item, score) in enumerate(places, 1)
            ],
            "fallback": False,
            "unknown_items": [],
            "degraded": degraded,
        }
        return Response(orjson.dumps(answer), media_type="application/json")

    return app


def work(model, address, listener, ready):
    """A worker: an event loop, and a pool of connections to Redis."""
    pool = BlockingConnectionPool.from_url(
        address, max_connections=32, timeout=2, socket_connect_timeout=0.25, socket_timeout=1,
        retry=Retry(NoBackoff(), 1), protocol=2,
    )
    config = uvicorn.Config(
        application(model, Redis.from_pool(pool), ready), loop="uvloop", http="httptools", lifespan="on",
        access_log=False, log_level="warning", timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listener])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    model = Model(arguments.model)
    # A socket for each worker on the same port: the kernel spreads connections over them. Of one socket that all share,
    # the first worker to wake takes most connections that come together. Only a socket that shares the port with none
    # can tell whether another program has it.
    socket.create_server(("127.0.0.1", arguments.port)).close()
    listeners = [
        socket.create_server(("127.0.0.1", arguments.port), backlog=2048, reuse_port=True)
        for _ in range(arguments.workers)
    ]
    reading, ready = os.pipe()

    # Workers are forked, so that the tables of names exist once, and collecting garbage must not write to them.
    gc.collect()
    gc.freeze()
    ends = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    workers = []
    for listener in listeners:
        worker = os.fork()
        if worker == 0:
            os.close(reading)
            for other in listeners:
                if other is not listener:
                    other.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
            work(model, arguments.redis, listener, ready)
            os._exit(0)
        workers.append(worker)
    os.close(ready)
    for listener in listeners:
        listener.close()
    with open(reading, "rb") as file:
        is_ready = len(file.read()) == arguments.workers  # ends when no worker holds the other end any more
    if is_ready:
        print(f"ready http://127.0.0.1:{arguments.port}", flush=True)
    reason = signal.sigwait(ends) if is_ready else signal.SIGCHLD
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    for worker in workers:
        os.waitpid(worker, 0)
    sys.exit(1 if reason == signal.SIGCHLD else 0)


if __name__ == "__main__":
    main()
