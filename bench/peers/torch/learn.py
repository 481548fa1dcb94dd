#!/usr/bin/env python3
"""PyTorch's REINFORCE on real sessions: its learning curve, in the form of bench/compare-estimators, whose report shows both.

    learn.py --data FOLDER --out FOLDER

FOLDER is what KernelPolicy.TrainingComparison `sessions` writes: the same split, beta, order of contexts, learning rate and batch as
ours. Draws are PyTorch's own. Seconds are those of steps alone, R_test is by the exact scan, four times an epoch.
"""
import argparse
import json
import os
import time

import numpy as np
import torch

import steps
from softmax import Chunks, Whole

BATCH = 32
SAMPLES = 1000
LEARNING_RATE = 3e-4
POINTS_PER_EPOCH = 4


class Sessions:
    def __init__(self, folder):
        with open(os.path.join(folder, "meta.json"), encoding="utf-8") as file:
            self.meta = json.load(file)
        self.folder, dim = folder, self.meta["dim"]
        self.beta = self._read("items.f32", np.float32).view(-1, dim)
        self.train = self._part("train", dim)
        self.test = self._part("test", dim)
        self.order = self._read("order.i32", np.int32).long().view(self.meta["epochs"], -1)

    def _read(self, name, kind):
        return torch.from_numpy(np.fromfile(os.path.join(self.folder, name), dtype=kind)).clone()

    def _part(self, part, dim):
        offsets = self._read(f"{part}.offsets.i64", np.int64).tolist()
        items = self._read(f"{part}.rewarded.i32", np.int32).long()
        lists = [items[first:end] for first, end in zip(offsets, offsets[1:])]
        return self._read(f"{part}.contexts.f32", np.float32).view(-1, dim), lists


class ListedReinforce:
    """REINFORCE where lists of rewarded items differ in length: which draws are among them is read from a table [B, P]."""

    def __init__(self, beta, form, samples, batch):
        self.beta, self.form, self.samples = beta, form, samples
        self.table = torch.zeros(batch, len(beta), dtype=torch.bool)

    @torch.no_grad()
    def covariance(self, h, lists, draws=None):
        self.form.run(h)
        draws = self.form.draw(self.samples) if draws is None else draws
        marks = torch.cat([items + row * len(self.beta) for row, items in enumerate(lists)])
        self.table.view(-1)[marks] = True
        reward = self.table.gather(1, draws)
        self.table.view(-1)[marks] = False
        rows, places = reward.nonzero(as_tuple=True)
        g = -(reward.float().mean(1, keepdim=True) * self.form.mean)
        return g.index_add_(0, rows, self.beta[draws[rows, places]], alpha=1 / self.samples)


def fastest_form(sessions):
    """The form whose pass and draws took the least on the first contexts."""
    beta, x = sessions.beta, sessions.train[0][:BATCH]
    forms = [Whole(beta, beta.t(), BATCH, "view", "exp", draws) for draws in ("multinomial", "cumsum", "blocks")]
    forms += [Chunks(beta, BATCH, width) for width in (2048, 8192, 32768)]

    def least(form):
        times = []
        for _ in range(10):
            start = time.perf_counter()
            form.run(x)
            form.draw(SAMPLES)
            times.append(time.perf_counter() - start)
        return min(times)

    return min(forms, key=least)


def reward(sessions, theta):
    """R_test: whether the item of the largest score is rewarded, averaged."""
    contexts, lists = sessions.test
    with torch.no_grad():
        best = torch.cat([(part @ theta @ sessions.beta.t()).argmax(1) for part in contexts.split(256)])
    return sum(bool((items == item).any()) for item, items in zip(best, lists)) / len(lists)


def by_hand(sessions):
    estimator = ListedReinforce(sessions.beta, fastest_form(sessions), SAMPLES, BATCH)
    ascent = steps.Ascent(sessions.beta.shape[1], LEARNING_RATE)

    def step(x, lists):
        count = len(lists)
        if count < BATCH:
            # The forms have room for whole batches: the rest is filled up, and its part of g dropped.
            x = torch.cat([x, x[:1].expand(BATCH - count, -1)])
            lists = lists + lists[:1] * (BATCH - count)
        with torch.no_grad():
            g = estimator.covariance(x @ ascent.theta, lists)
        ascent.by_hand(x[:count], g[:count])

    return step, ascent.theta


def plain(sessions):
    ascent = steps.Ascent(sessions.beta.shape[1], LEARNING_RATE, fused=None)
    table = torch.zeros(BATCH, len(sessions.beta))

    def step(x, lists):
        log_pi = torch.log_softmax(x @ ascent.theta @ sessions.beta.t(), 1)
        with torch.no_grad():
            draws = torch.multinomial(log_pi.exp(), SAMPLES, replacement=True)
            table.zero_()
            for row, items in enumerate(lists):
                table[row, items] = 1
            earned = table[:len(lists)].gather(1, draws)
        value = (earned * log_pi.gather(1, draws)).mean(1).mean()
        ascent.adam.zero_grad()
        value.backward()
        ascent.adam.step()

    return step, ascent.theta


def learn(sessions, name, made, out):
    step, theta = made(sessions)
    meta, (contexts, lists) = sessions.meta, sessions.train
    lines, seconds, per_epoch = ["data,estimator,seed,epochs,seconds,reward,error"], 0.0, (meta["train"] + BATCH - 1) // BATCH

    def point(epochs):
        lines.append(f"{meta['name']},{name},{meta['seed']},{epochs:.4f},{seconds:.4f},{reward(sessions, theta):.6f},NaN")

    point(0)
    for number in range(per_epoch * meta["epochs"]):
        epoch, within = divmod(number, per_epoch)
        batch = sessions.order[epoch, within * BATCH:(within + 1) * BATCH]
        start = time.perf_counter()
        step(contexts[batch], [lists[i] for i in batch.tolist()])
        seconds += time.perf_counter() - start
        if (number + 1) * POINTS_PER_EPOCH // per_epoch != number * POINTS_PER_EPOCH // per_epoch:
            point((number + 1) / per_epoch)
    path = os.path.join(out, f"{meta['name']}.{name}.{meta['seed']}.csv")
    with open(path + ".part", "w", encoding="ascii") as file:
        print("\n".join(lines), file=file)
    os.replace(path + ".part", path)
    print(lines[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    sessions = Sessions(args.data)
    os.makedirs(args.out, exist_ok=True)
    for name, made in (("pytorch-reinforce", by_hand), ("pytorch-reinforce-plain", plain)):
        if not os.path.exists(os.path.join(args.out, f"{sessions.meta['name']}.{name}.{sessions.meta['seed']}.csv")):
            learn(sessions, name, made, args.out)


if __name__ == "__main__":
    main()
