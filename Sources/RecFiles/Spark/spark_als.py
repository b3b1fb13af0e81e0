"""Implicit ALS by Spark MLlib: pairs of numbers in, factors of items out.

rec-train writes this file and a file of settings into its work folder and runs both with spark-submit. What it prints on
the standard output, line by line, is shown to the person who waits.
"""

import json
import os
import pathlib
import sys
import threading
import time

import numpy
import pyspark
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession


def say(line):
    print(line, flush=True)


def watch(spark, settings, done):
    """Tells how far the work is, and ends it when rec-train is no longer there."""
    # Each half of a sweep asks for the Gram matrix of the other side: one job.
    jobs = 2 * settings["sweeps"] + 4
    start = time.monotonic()
    told = start
    while not done.wait(1):
        if not os.path.exists("/proc/self") or os.path.exists("/proc/%d" % settings["parent"]):
            now = time.monotonic()
            active = spark.sparkContext.statusTracker().getActiveJobsIds()
            if now - told >= 5 and active:
                told = now
                share = min(0.99, max(active) / jobs)
                left = (now - start) * (1 - share) / share if share > 0 else 0
                say("%d s, about %d %%, %d s left" % (now - start, 100 * share, left))
            continue
        os._exit(1)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    spark = SparkSession.builder.appName("rec-train").getOrCreate()
    done = threading.Event()
    context = spark.sparkContext
    # By name of the file system: a cluster's own default may be another.
    folder = pathlib.Path(settings["folder"]).as_uri()
    context.setCheckpointDir(folder + "/checkpoints")
    say("Spark %s on %s, %d tasks at once" % (pyspark.__version__, context.master, context.defaultParallelism))
    threading.Thread(target=watch, args=(spark, settings, done), daemon=True).start()
    pairs = spark.read.csv(
        folder + "/pairs", schema="user INT, item INT, confidence FLOAT", mode="FAILFAST")
    blocks = max(2, context.defaultParallelism)
    als = ALS(
        rank=settings["dimension"], maxIter=settings["sweeps"], regParam=settings["regularization"],
        alpha=settings["alpha"], seed=settings["seed"], implicitPrefs=True, userCol="user", itemCol="item",
        ratingCol="confidence", numUserBlocks=blocks, numItemBlocks=blocks, checkpointInterval=5)
    start = time.monotonic()
    model = als.fit(pairs)
    array = numpy.zeros((settings["items"], settings["dimension"]), dtype="<f4")
    found = 0
    for row in model.itemFactors.toLocalIterator():
        array[row["id"]] = row["features"]
        found += 1
    done.set()
    path = settings["folder"] + "/items.npy"
    with open(path + ".part", "wb") as file:
        numpy.save(file, array)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".part", path)
    say("factors of %d items after %.1f s" % (found, time.monotonic() - start))
    spark.stop()


main()
