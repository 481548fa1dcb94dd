#!/usr/bin/env python3
"""The peer that people know: PyTorch (Debian's python3-torch), measured as our own steps are measured, on the same catalogue (see
bench/compare-training). It writes the same CSV lines.

    torch_peer.py tune --data FOLDER --out CSV [--indexes LIST]     builds the indexes, compares gradients with ours, tries all forms
    torch_peer.py run  --data FOLDER --out CSV --round N            times the fastest form of each, and the plain ones

What is tried, and so what PyTorch's best settings are chosen of: softmax.py (layout of beta, which exponentials, whole rows or
stretches of the catalogue, which draws), steps.py (products of the mixture, autograd or by hand); always: float32, tables made
beforehand, results written into buffers, no autograd graph where gradients are by hand, Adam fused. bench/compare-training sets the
environment: threads, large pages, freed memory kept.
"""
import argparse
import gc
import json
import os
import time

import torch

import steps
from catalogue import Catalogue
from retrieval import INDEXES, recall
from softmax import Chunks, Whole

HEADER = "items,round,by,estimator,index,measure,value,note"
SAMPLES = 1000
TOP_K = 256
EPSILON = 0.8
RECALL_CONTEXTS = 256
# NAME@EF: the candidates of a search, at least K; K, the fastest that there is, unless given.
DEFAULT_INDEXES = "scan,hnswlib-ip,hnswlib-ip@1024,hnswlib-l2,faiss-hnsw"
WIDTHS = [2048, 4096, 8192, 32768]
# The peer's exact gradient is the same sum of P terms in float32, in another order.
GRADIENT_TOLERANCE = 1e-3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["tune", "run"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--round", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=30)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--indexes", default=DEFAULT_INDEXES)
    return parser.parse_args()


class Results:
    """The CSV file: under its name once it is complete."""

    def __init__(self, path, items, number):
        self.path, self.items, self.number = path, items, number
        self.file = open(path + ".part", "w", encoding="utf-8")
        print(HEADER, file=self.file)

    def add(self, by, estimator, index, measure, value="", note=""):
        note = str(note).replace(",", ";")
        print(self.items, self.number, by, estimator, index, measure, value, note, sep=",", file=self.file)

    def complete(self):
        self.file.close()
        os.replace(self.path + ".part", self.path)


class Peer:
    def __init__(self, args):
        self.args = args
        self.catalogue = Catalogue(args.data)
        self.beta, self.dim, self.batch = self.catalogue.beta, self.catalogue.dim, self.catalogue.batch
        self._beta_t = None
        self.choice_file = os.path.join(args.data, "pytorch.json")
        self.results = Results(args.out, self.catalogue.items, 0 if args.what == "tune" else args.round)

    @property
    def beta_t(self):
        if self._beta_t is None:
            self._beta_t = self.beta.t().contiguous()
        return self._beta_t

    def time(self, step, warmup, count, seconds):
        """Milliseconds of each step; the rules are those of Measuring/ComparedSteps.cs."""
        times, number = [], 0
        for steps_now, kept in ((warmup, None), (count, times)):
            start = time.perf_counter()
            for i in range(steps_now):
                if i * 10 >= steps_now and time.perf_counter() - start >= seconds:
                    break
                x, rewarded = self.catalogue.batch_of(number)
                began = time.perf_counter()
                step(x, rewarded)
                if kept is not None:
                    kept.append(1e3 * (time.perf_counter() - began))
                number += 1
        return times

    def form(self, chosen):
        if "width" in chosen:
            return Chunks(self.beta, self.batch, chosen["width"])
        # The transposed copy is of beta's size: made only where it is used.
        beta_t = self.beta_t if chosen["layout"] == "copy" else None
        return Whole(self.beta, beta_t, self.batch, chosen["layout"], chosen["weights"], chosen.get("draws", "multinomial"))

    def step(self, estimator, chosen, index=None):
        if estimator == "exact":
            return steps.ByHand(steps.Exact(self.beta, self.form(chosen)), self.dim)
        if estimator == "reinforce":
            return steps.ByHand(steps.Reinforce(self.beta, self.form(chosen), SAMPLES), self.dim)
        return steps.ByHand(self.mixture(index, **chosen), self.dim)

    def mixture(self, index, products="bmm", members="search"):
        return steps.Mixture(self.beta, index, self.batch, SAMPLES, TOP_K, EPSILON, products, members)

    def plain(self, estimator, index=None):
        if estimator == "exact":
            return steps.Plain(lambda h, y: steps.exact_plain_loss(h, self.beta, y), self.dim)
        if estimator == "reinforce":
            return steps.Plain(lambda h, y: steps.reinforce_plain_loss(h, self.beta, y, SAMPLES), self.dim)
        return steps.Plain(self.mixture(index).plain_loss, self.dim)

    def fastest(self, estimator, candidates, index=None):
        """Tries all, notes what each takes, and returns the fastest."""
        best, least = None, float("inf")
        for chosen in candidates:
            step = self.step(estimator, chosen, index)
            # The least, so that what else the machine does has no say in the choice.
            took = min(self.time(step, 3, 9, 4))
            name = step.estimator.form.name if estimator != "mixture" else step.estimator.name
            draws = f"; draws by {chosen.get('draws', 'blocks')}" if estimator == "reinforce" else ""
            self.results.add("pytorch", estimator, "", "tried_ms", took, name + draws)
            if took < least:
                best, least = chosen, took
            del step
            gc.collect()
        return best

    def check_gradient(self):
        """Exact gradients of the first batch at Theta = I: the same data, and the same thing computed."""
        x, rewarded = self.catalogue.batch_of(0)
        own = steps.outer(x, steps.Exact(self.beta, Chunks(self.beta, self.batch, 8192)).covariance(x, rewarded))
        error = ((own - self.catalogue.gradient).norm() / self.catalogue.gradient.norm()).item()
        self.results.add("pytorch", "exact", "", "gradient_error", error)
        if not error <= GRADIENT_TOLERANCE:
            raise SystemExit(f"torch_peer: its exact gradient is {error:.2g} off ours; at most {GRADIENT_TOLERANCE}")

    def each_index(self):
        """Indexes one at a time, so that one alone is in memory."""
        for name in self.args.indexes.split(","):
            kind, _, ef = name.partition("@")
            yield name, INDEXES[kind](self.beta, self.args.data, self.args.threads, int(ef or TOP_K))
            gc.collect()

    def tune(self):
        self.check_gradient()
        chunks = [{"width": width} for width in WIDTHS if width < len(self.beta)]
        whole = [{"layout": layout, "weights": weights} for layout in ("view", "copy") for weights in ("softmax", "log_softmax", "exp")]
        choice = {"exact": self.fastest("exact", whole + chunks)}
        best_whole = choice["exact"] if "layout" in choice["exact"] else self.fastest("exact", whole)
        forms = [dict(best_whole, draws=draws) for draws in ("multinomial", "cumsum", "blocks")] + chunks
        choice["reinforce"] = self.fastest("reinforce", forms)
        self._beta_t = None
        mixtures = [{"products": products, "members": members} for products in ("bmm", "sum") for members in ("search", "table")]
        queries = self.catalogue.contexts[:RECALL_CONTEXTS]
        for name, index in self.each_index():
            self.results.add("pytorch", "mixture", name, "recall", recall(index, self.beta, queries, TOP_K, self.batch))
            self.results.add("pytorch", "", name, "build_seconds", index.build_seconds)
            self.results.add("pytorch", "", name, "about", note=index.about)
            if "mixture" not in choice:
                choice["mixture"] = self.fastest("mixture", mixtures, index)
        with open(self.choice_file, "w", encoding="ascii") as file:
            json.dump(choice, file)
        self.results.add("pytorch", "", "", "about", note=about(self.args.threads))

    def run(self):
        with open(self.choice_file, encoding="ascii") as file:
            choice = json.load(file)
        for estimator in ("exact", "reinforce"):
            self.measure("pytorch", estimator, "", self.step(estimator, choice[estimator]))
            self._beta_t = None
            gc.collect()
            self.measure("pytorch-plain", estimator, "", self.plain(estimator))
        for name, index in self.each_index():
            self.measure("pytorch", "mixture", name, self.step("mixture", choice["mixture"], index))
            if name == "hnswlib-ip":
                self.measure("pytorch-plain", "mixture", name, self.plain("mixture", index))
        self.results.add("pytorch", "", "", "peak_rss_bytes", peak_rss())

    def measure(self, by, estimator, index, step):
        for milliseconds in self.time(step, self.args.warmup, self.args.steps, self.args.seconds):
            self.results.add(by, estimator, index, "step_ms", milliseconds)


def about(threads):
    settings = {name: os.environ.get(name, "") for name in ("THP_MEM_ALLOC_ENABLE", "MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_")}
    with open("/proc/self/maps", encoding="utf-8") as maps:
        blas = sorted({os.path.basename(os.path.realpath(path)) + " of " + os.path.basename(os.path.dirname(os.path.realpath(path)))
                       for path in (line.split()[-1] for line in maps if "blas" in line)})
    return f"PyTorch {torch.__version__}; {torch.backends.cpu.get_cpu_capability()}; products by {' and '.join(blas)}; " \
        f"{threads} threads; " + "; ".join(f"{name}={value}" for name, value in settings.items())


def peak_rss():
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return ""


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    peer = Peer(args)
    getattr(peer, args.what)()
    peer.results.complete()


if __name__ == "__main__":
    main()
