"""What finds the top K of a batch of queries h [B, L]: each has search(h, k) -> items [B, k] (int64), scores [B, k] (h . beta)."""
import ctypes
import os
import subprocess
import time

import numpy as np
import torch

M = 32
EF_CONSTRUCTION = 100


def _pointer(array):
    return ctypes.c_void_p(array.data_ptr())


class Scan:
    """Exact: all scores by one product, torch.topk."""

    def __init__(self, beta, folder, threads, ef):
        self.beta_t = beta.t()
        self.build_seconds = 0
        self.about = "torch.matmul and torch.topk"

    def search(self, h, k):
        scores, items = torch.topk(torch.matmul(h, self.beta_t), k, sorted=False)
        return items, scores


class Hnswlib:
    """hnswlib, compiled for this processor. ef = K is the least that it allows, and so its fastest."""

    metric = "ip"

    def __init__(self, beta, folder, threads, ef):
        self.threads, self.ef = threads, ef
        self.library = ctypes.CDLL(os.environ["HNSWLIB_BATCH"])
        pointer, long, integer = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int
        for name, result, kinds in (
            ("graph_build", pointer, [pointer, long, long, integer, integer, integer, integer]),
            ("graph_load", pointer, [ctypes.c_char_p, pointer, long, long, integer]),
            ("graph_save", integer, [pointer, ctypes.c_char_p]),
            ("graph_free", None, [pointer]),
            ("graph_search", long, [pointer, pointer, long, integer, integer, integer, pointer, pointer]),
        ):
            function = getattr(self.library, name)
            function.restype, function.argtypes = result, kinds
        augmented = int(self.metric == "l2")
        path = os.path.join(folder, f"hnswlib-{self.metric}.bin")
        self.build_seconds = _kept(path)
        if self.build_seconds is None:
            start = time.perf_counter()
            self.graph = self.library.graph_build(
                _pointer(beta), *beta.shape, augmented, M, EF_CONSTRUCTION, threads)
            self.build_seconds = time.perf_counter() - start
            if not self.graph or self.library.graph_save(self.graph, path.encode()) != 0:
                raise SystemExit(f"hnswlib could not build {path}, or not save it")
            _keep(path, self.build_seconds)
        else:
            self.graph = self.library.graph_load(path.encode(), _pointer(beta), *beta.shape, augmented)
            if not self.graph:
                raise SystemExit(f"hnswlib could not load {path}")
        self.items = self.scores = None
        version = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", "libhnswlib-dev"], capture_output=True, text=True, check=False).stdout
        space = "raw inner product" if self.metric == "ip" else "L2 with one added dimension"
        self.about = f"hnswlib {version or 'unknown'}; g++ -O3 -march=native -fopenmp; {space}; rows padded to a multiple of 16; " \
            f"M {M}; efConstruction {EF_CONSTRUCTION}; ef {ef}"

    def search(self, h, k):
        if self.items is None or self.items.shape != (len(h), k):
            self.items, self.scores = torch.empty(len(h), k, dtype=torch.int64), torch.empty(len(h), k)
        self.library.graph_search(
            self.graph, _pointer(h), len(h), k, max(self.ef, k), self.threads, _pointer(self.items), _pointer(self.scores))
        return self.items, self.scores

    def __del__(self):
        if getattr(self, "graph", None):
            self.library.graph_free(self.graph)
            self.graph = None


class HnswlibL2(Hnswlib):
    metric = "l2"


class FaissHnsw:
    """FAISS's IndexHNSWFlat with inner product."""

    def __init__(self, beta, folder, threads, ef):
        import faiss
        self.ef = ef
        faiss.omp_set_num_threads(threads)
        path = os.path.join(folder, "faiss-hnsw.bin")
        self.build_seconds = _kept(path)
        if self.build_seconds is None:
            self.index = faiss.IndexHNSWFlat(beta.shape[1], M, faiss.METRIC_INNER_PRODUCT)
            self.index.hnsw.efConstruction = EF_CONSTRUCTION
            start = time.perf_counter()
            self.index.add(beta.numpy())
            self.build_seconds = time.perf_counter() - start
            faiss.write_index(self.index, path)
            _keep(path, self.build_seconds)
        else:
            self.index = faiss.read_index(path)
        self.about = f"FAISS {faiss.__version__}; compiled for {faiss.get_compile_options().strip()}; IndexHNSWFlat; inner product; " \
            f"M {M}; efConstruction {EF_CONSTRUCTION}; efSearch {ef}"

    def search(self, h, k):
        self.index.hnsw.efSearch = max(self.ef, k)
        scores, items = self.index.search(h.numpy(), k)
        if items.min() < 0:
            scores, items = np.where(items < 0, -np.inf, scores).astype(np.float32), np.maximum(items, 0)
        return torch.from_numpy(items), torch.from_numpy(scores)


# By name; each is made of beta, the folder where graphs are kept, threads and ef.
INDEXES = {"scan": Scan, "hnswlib-ip": Hnswlib, "hnswlib-l2": HnswlibL2, "faiss-hnsw": FaissHnsw}


def _kept(path):
    """Seconds that building what is kept took; None where nothing is."""
    if not os.path.exists(path + ".seconds"):
        return None
    with open(path + ".seconds", encoding="ascii") as file:
        return float(file.read())


def _keep(path, seconds):
    with open(path + ".seconds", "w", encoding="ascii") as file:
        print(seconds, file=file)


def recall(index, beta, queries, k, batch):
    """Share of the exact top k that is found."""
    hits = 0
    for first in range(0, len(queries), batch):
        h = queries[first:first + batch]
        items, _ = index.search(h, k)
        truth = torch.topk(torch.matmul(h, beta.t()), k).indices
        hits += sum(len(np.intersect1d(a, b)) for a, b in zip(items.numpy(), truth.numpy()))
    return hits / (len(queries) * k)
