"""The catalogue that ours and PyTorch's steps are measured on, as KernelPolicy.TrainingComparison `prepare` writes it."""
import json
import os

import numpy as np
import torch


class Catalogue:
    """beta [P, L], contexts [N, L], rewarded [N, R] (the items of reward 1; all others have 0), gradient [L, L]."""

    def __init__(self, folder):
        with open(os.path.join(folder, "meta.json"), encoding="utf-8") as file:
            meta = json.load(file)
        self.folder = folder
        self.items, self.dim, self.batch = meta["items"], meta["dim"], meta["batch_size"]
        count = meta["contexts"]
        self.beta = self._read("items.f32", np.float32, self.items, self.dim)
        self.contexts = self._read("contexts.f32", np.float32, count, self.dim)
        self.rewarded = self._read("rewarded.i32", np.int32, count, meta["rewarded"]).long()
        self.gradient = self._read("gradient.f32", np.float32, self.dim, self.dim)
        self.batches = count // self.batch

    def _read(self, name, kind, rows, columns):
        path = os.path.join(self.folder, name)
        values = np.fromfile(path, dtype=kind)
        if values.size != rows * columns:
            raise SystemExit(f"{path} has {values.size} numbers; by meta.json it has {rows} x {columns}")
        # A copy in PyTorch's own memory: by THP_MEM_ALLOC_ENABLE it has large pages there, which random rows are read faster from.
        return torch.from_numpy(values.reshape(rows, columns)).clone()

    def batch_of(self, number):
        """Contexts and rewarded items of a step: views, nothing is copied."""
        first = number % self.batches * self.batch
        return self.contexts[first:first + self.batch], self.rewarded[first:first + self.batch]
