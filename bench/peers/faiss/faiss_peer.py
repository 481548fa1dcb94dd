#!/usr/bin/env python3
"""The other peer that people know: FAISS (Debian's python3-faiss), measured as our own index is measured, on the same
files and with the same arguments (see bench/compare-index). It writes the same CSV lines.

--kind hnsw is IndexHNSWFlat with METRIC_INNER_PRODUCT, --kind flat the exact IndexFlatIP. What the build was compiled for
goes into the results: Debian's is generic, so that its distance kernels are not those of a build for the machine.
Times of single queries include what a call from Python costs, some microseconds.
"""
import argparse
import json
import os
import time

import faiss
import numpy as np

HEADER = "dataset,library,measure,k,threads,ef,recall,value,note"
ENOUGH_RECALL = 0.9995
LATENCY_K = 10
LATENCY_RECALLS = [0.95, 0.99]
EXACT_BATCHES = [1, 32]
EXACT_QUERIES = 64


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=["hnsw", "flat"], required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--grid", required=True)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--m", type=int, default=32)
    parser.add_argument("--ef-construction", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--limit", type=float, default=4)
    parser.add_argument("--latencies", type=int, default=10000)
    return parser.parse_args()


def peak_rss():
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return float("nan")


def blas():
    """The library of matrix products, which decides the speed of the exact scan in batches."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        names = {os.path.basename(line.split()[-1]) for line in maps if "blas" in line}
    return " ".join(sorted(names)) or "none"


class Peer:
    """One index on one dataset, and the file of its results."""

    def __init__(self, args):
        self.args = args
        self.threads = [int(t) for t in args.threads.split(",")]
        self.grid = [(int(k), [int(e) for e in efs.split(",")])
                     for k, efs in (part.split(":") for part in args.grid.split(";"))]
        with open(os.path.join(args.data, "meta.json"), encoding="utf-8") as file:
            self.meta = json.load(file)
        self.dim = self.meta["dim"]
        self.queries = self.read("queries.f32", np.float32, self.meta["queries"], self.dim)
        self.truth = self.read("truth.i32", np.int32, self.meta["queries"], self.meta["truth_k"])
        self.out = open(args.out + ".part", "w", encoding="utf-8")
        print(HEADER, file=self.out)

    def read(self, name, kind, rows, columns):
        return np.fromfile(os.path.join(self.args.data, name), dtype=kind).reshape(rows, columns)

    def add(self, measure, value, k="", threads="", ef="", recall="", note=""):
        print(self.meta["name"], self.args.name, measure, k, threads, ef, recall, value, note, sep=",", file=self.out)

    def build(self):
        """Adds all items in one call, which FAISS orders by level."""
        if self.args.kind == "hnsw":
            index = faiss.IndexHNSWFlat(self.dim, self.args.m, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = self.args.ef_construction
        else:
            index = faiss.IndexFlatIP(self.dim)
        faiss.omp_set_num_threads(self.threads[-1])
        items = self.read("items.f32", np.float32, self.meta["items"], self.dim)
        start = time.perf_counter()
        index.add(items)
        seconds = time.perf_counter() - start
        stored = 4 * self.meta["items"] * self.dim
        if self.args.kind == "hnsw":
            graph = index.hnsw
            beside = 4 * graph.neighbors.size() + 8 * graph.offsets.size() + 4 * graph.levels.size()
            self.add("build_seconds", seconds, threads=self.threads[-1])
            self.add("bytes_beside_items", beside)
            self.add("bytes_with_items", beside + stored)
            self.add("peak_rss_bytes", peak_rss())
        self.add("about", "", note=f"FAISS {faiss.__version__}; compiled for {faiss.get_compile_options().strip()}; {blas()}; "
                 "peak memory includes the caller's array of items")
        return index

    def recall(self, found, k):
        hits = sum(len(np.intersect1d(found[q], self.truth[q, :k])) for q in range(len(found)))
        return hits / (len(found) * k)

    def best(self, call, once, warm):
        """Seconds a call in the best pass; the rules are those of Measuring/Timing.cs."""
        if warm and once > 1:
            return once
        passes = 1 if once > 1 else min(2, self.args.passes) if once > 0.5 else self.args.passes
        fastest = float("inf")
        for _ in range(passes):
            calls = 0
            start = time.perf_counter()
            while True:
                call()
                calls += 1
                elapsed = time.perf_counter() - start
                if elapsed >= self.args.seconds:
                    break
            fastest = min(fastest, elapsed / calls)
        return fastest

    def latency(self, index, ef, recall):
        faiss.omp_set_num_threads(1)
        rows = [self.queries[q:q + 1] for q in range(len(self.queries))]
        times = np.empty(self.args.latencies)
        for i in range(len(times)):
            row = rows[i % len(rows)]
            start = time.perf_counter()
            index.search(row, LATENCY_K)
            times[i] = 1e6 * (time.perf_counter() - start)
        times.sort()
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999)):
            place = min(int(share * len(times)), len(times) - 1)
            self.add(f"latency_{name}_us", times[place], LATENCY_K, 1, ef, recall)

    def curve(self, index, k, widths):
        wanted = list(LATENCY_RECALLS) if k == LATENCY_K else []
        for ef in widths:
            index.hnsw.efSearch = ef
            recall, slowest = 0.0, 0.0
            for threads in reversed(self.threads):
                faiss.omp_set_num_threads(threads)
                start = time.perf_counter()
                _, found = index.search(self.queries, k)
                once = time.perf_counter() - start
                if threads == self.threads[-1]:
                    recall = self.recall(found, k)
                seconds = self.best(lambda: index.search(self.queries, k), once, threads != self.threads[-1])
                slowest = max(slowest, seconds)
                self.add("qps", len(self.queries) / seconds, k, threads, ef, recall)
            reached = [r for r in wanted if recall >= r]
            if reached:
                self.latency(index, ef, recall)
                wanted = wanted[len(reached):]
            if recall >= ENOUGH_RECALL or slowest > self.args.limit:
                break

    def exact(self, index, k):
        for threads in self.threads:
            faiss.omp_set_num_threads(threads)
            for batch in EXACT_BATCHES:
                rows = [self.queries[q:q + batch] for q in range(0, EXACT_QUERIES, batch)]
                place = [0]

                def call():
                    index.search(rows[place[0] % len(rows)], k)
                    place[0] += 1
                call()
                start = time.perf_counter()
                call()
                once = time.perf_counter() - start
                self.add("exact_qps", batch / self.best(call, once, True), k, threads, batch, 1)

    def run(self):
        index = self.build()
        for k, widths in self.grid:
            if self.args.kind == "hnsw":
                self.curve(index, k, widths)
            else:
                self.exact(index, k)
        self.out.close()
        os.replace(self.args.out + ".part", self.args.out)


if __name__ == "__main__":
    Peer(arguments()).run()
