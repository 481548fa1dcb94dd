"""Forms of the full softmax over P items, for the exact gradient and REINFORCE: pi(a|x) of a batch, E_pi[beta], draws from pi.

Each form has run(h), and after it mean [B, L] = E_pi[beta], probability(h, items [B, n]) and draw(n) -> items [B, n]. Buffers are
made once; products and exponentials write into them.
"""
import torch

BLOCK = 32  # Numbers that a draw looks through at the end of the search by blocks.
ABOVE = torch.ones(BLOCK, BLOCK).triu_()


class Whole:
    """All scores [B, P] at once.

    layout: whether the scores are h times the transposed view of beta, or times a copy that is transposed in memory.
    weights: 'softmax' and 'log_softmax' are PyTorch's own, 'exp' subtracts the maximum and exponentiates in place, and divides
    [B, L] in place of [B, P].
    draws: 'multinomial' is PyTorch's own; 'cumsum' searches cumulative sums of a row; 'blocks' those of blocks of 32, and then a block.
    """

    def __init__(self, beta, beta_t, batch, layout="view", weights="exp", draws="multinomial"):
        self.beta, self.weights, self.draws = beta, weights, draws
        self.beta_t = beta.t() if layout == "view" else beta_t
        items = len(beta)
        # Whole blocks, the last filled up with zeros.
        self.padded = torch.zeros(batch, (items + BLOCK - 1) // BLOCK * BLOCK)
        self.e = self.padded[:, :items]
        self.largest, self.total = torch.empty(batch, 1), torch.ones(batch, 1)
        self.mean = torch.empty(batch, beta.shape[1])
        self.cumulative = torch.empty(batch, items) if draws == "cumsum" else None
        self.name = f"whole rows; beta {'transposed by a view' if layout == 'view' else 'transposed in memory'}; {weights}"

    def run(self, h):
        torch.mm(h, self.beta_t, out=self.e)
        if self.weights == "softmax":
            torch.softmax(self.e, 1, out=self.e)
        elif self.weights == "log_softmax":
            torch.log_softmax(self.e, 1, out=self.e)
            self.e.exp_()
        else:
            torch.amax(self.e, 1, keepdim=True, out=self.largest)
            self.e.sub_(self.largest).exp_()
            torch.sum(self.e, 1, keepdim=True, out=self.total)
        torch.mm(self.e, self.beta, out=self.mean)
        if self.weights == "exp":
            self.mean.div_(self.total)

    def probability(self, h, items):
        return self.e.gather(1, items).div_(self.total)

    def draw(self, count):
        if self.draws == "multinomial":
            return torch.multinomial(self.e, count, replacement=True)
        if self.draws == "cumsum":
            torch.cumsum(self.e, 1, out=self.cumulative)
            u = torch.rand(len(self.e), count) * self.cumulative[:, -1:]
            return torch.searchsorted(self.cumulative, u).clamp_(max=self.e.shape[1] - 1)
        blocks = self.padded.view(len(self.e), -1, BLOCK)
        return draw_by_blocks(blocks.sum(-1), self.padded.view(-1, BLOCK), self._flat, count).clamp_(max=self.e.shape[1] - 1)

    def _flat(self, row, block):
        return row * (self.padded.shape[1] // BLOCK) + block


class Chunks:
    """Scores of one stretch of the catalogue at a time, so that its products and exponentials meet in the cache; kept for the draws."""

    def __init__(self, beta, batch, width):
        items, dim = beta.shape
        self.beta = beta
        self.width = width = min(width, (items + BLOCK - 1) // BLOCK * BLOCK)
        self.count = (items + width - 1) // width
        self.kept = torch.zeros(self.count, batch, width)
        self.largest = torch.empty(self.count, batch, 1)
        self.sums = torch.empty(self.count, batch, width // BLOCK)
        self.means = torch.empty(self.count, batch, dim)
        self.mean = self.log_z = None
        self.stretches = []
        for c in range(self.count):
            rows = beta[c * width:(c + 1) * width]
            scores = self.kept[c][:, :len(rows)]
            blocks = self.kept[c].view(batch, -1, BLOCK)
            self.stretches.append((rows, rows.t(), scores, blocks, self.largest[c], self.sums[c], self.means[c]))
        self.name = f"stretches of {width}"

    def run(self, h):
        for rows, rows_t, scores, blocks, largest, sums, mean in self.stretches:
            torch.mm(h, rows_t, out=scores)
            torch.amax(scores, 1, keepdim=True, out=largest)
            scores.sub_(largest).exp_()
            torch.sum(blocks, 2, out=sums)
            torch.mm(scores, rows, out=mean)
        top = self.largest.amax(0)
        scale = (self.largest - top).exp_()
        self.sums.mul_(scale)
        z = self.sums.sum((0, 2)).unsqueeze(1)
        self.log_z = z.log().add_(top)
        self.mean = (scale * self.means).sum(0).div_(z)

    def probability(self, h, items):
        scores = torch.bmm(self.beta[items], h.unsqueeze(2)).squeeze(2)
        return scores.sub_(self.log_z).exp_()

    def draw(self, count):
        batch = self.kept.shape[1]
        sums = self.sums.transpose(0, 1).reshape(batch, -1)
        found = draw_by_blocks(sums, self.kept.view(-1, BLOCK), self._flat, count)
        return found.clamp_(max=len(self.beta) - 1)

    def _flat(self, row, block):
        a_row = self.width // BLOCK
        return (block // a_row * self.kept.shape[1] + row) * a_row + block % a_row


def draw_by_blocks(sums, blocks, flat, count):
    """Draws by the inverse of the cumulative sums: of blocks [B, n], and then within a block [BLOCK] of the table `blocks`."""
    batch = len(sums)
    cumulative = torch.cumsum(sums, 1, dtype=torch.float64)
    u = torch.rand(batch, count, dtype=torch.float64).mul_(cumulative[:, -1:])
    block = torch.searchsorted(cumulative, u, right=True).clamp_(max=sums.shape[1] - 1)
    row = torch.arange(batch).unsqueeze(1)
    # Cumulative sums within a block by a product with ones above the diagonal, which is faster than torch.cumsum.
    inside = torch.mm(blocks.index_select(0, flat(row, block).view(-1)), ABOVE)
    # What is left of u, as a share of the block: stretches have scales of their own.
    share = 1 - (cumulative.gather(1, block) - u) / sums.gather(1, block)
    left = share.clamp_(0, 1).float().view(-1, 1) * inside[:, -1:]
    place = torch.searchsorted(inside, left).clamp_(max=BLOCK - 1)
    return block * BLOCK + place.view(batch, count)
