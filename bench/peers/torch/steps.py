"""Training steps of the policy pi(a|x) = exp(h . beta_a) / Z, h = x Theta, beta fixed, by PyTorch: exact, REINFORCE, and the paper's
mixture. gradient(...) is that of the mean over the batch of E_pi[r], which is ascended; r = 1 on a context's rewarded items.

By hand: dJ/dTheta = X^T G / B with g = Cov_pi[r, beta], no autograd graph. Plain: the loss as one writes it, by autograd.
"""
import math

import torch

LEARNING_RATE = 1e-4


class Ascent:
    """Theta and Adam (fused: the fastest of PyTorch's on a processor)."""

    def __init__(self, dim, learning_rate=LEARNING_RATE, weight_decay=0.0, theta=None, fused=True):
        self.theta = (torch.eye(dim) if theta is None else theta.clone()).requires_grad_()
        self.theta.grad = torch.zeros(dim, dim)
        self.adam = torch.optim.Adam(
            [self.theta], lr=learning_rate, weight_decay=weight_decay, maximize=True, fused=fused)

    def by_hand(self, x, g):
        """grad = X^T G / B, and a step."""
        with torch.no_grad():
            outer(x, g, self.theta.grad)
        self.adam.step()


def outer(x, g, out=None):
    out = torch.empty(x.shape[1], g.shape[1]) if out is None else out
    return torch.addmm(out, x.t(), g, beta=0, alpha=1 / len(x), out=out)


class Exact:
    """g = sum over rewarded a of pi_a beta_a, less (sum of pi_a) E_pi[beta]."""

    def __init__(self, beta, form):
        self.beta, self.form = beta, form

    @torch.no_grad()
    def covariance(self, h, rewarded):
        self.form.run(h)
        return _pull(self.beta, self.form.probability(h, rewarded), rewarded, self.form.mean)


class Reinforce:
    """g = (1/S) sum of r_s (beta_s - E_pi[beta]) over S draws: only draws that are rewarded count."""

    def __init__(self, beta, form, samples):
        self.beta, self.form, self.samples = beta, form, samples

    @torch.no_grad()
    def covariance(self, h, rewarded, draws=None):
        self.form.run(h)
        draws = self.form.draw(self.samples) if draws is None else draws
        counts = (draws.unsqueeze(2) == rewarded.unsqueeze(1)).sum(1).float()
        return _pull(self.beta, counts.div_(self.samples), rewarded, self.form.mean)


def _pull(beta, weights, items, mean):
    rows = beta.index_select(0, items.view(-1)).view(*items.shape, -1)
    return torch.bmm(weights.unsqueeze(1), rows).squeeze(1) - weights.sum(1, keepdim=True) * mean


class Mixture:
    """The paper's estimator: top K, floor(epsilon S) uniform draws and the rest from kappa = softmax over the top K, self-normalised
    weights w of e^f / q with q = epsilon / P + (1 - epsilon) kappa, g = sum of w_s (r_s - mean r) beta_s.

    products: 'bmm', or 'sum' of elementwise products. members: whether uniform draws are looked up among the top K by a 'search' in
    their order, or in a 'table' [B, P] that has the places of the top K in it.
    """

    def __init__(self, beta, index, batch, samples=1000, k=256, epsilon=0.8, products="bmm", members="search"):
        self.beta, self.index, self.products = beta, index, products
        self.table = torch.full((batch, len(beta)), -1, dtype=torch.int16) if members == "table" else None
        self.samples, self.k, self.epsilon = samples, min(k, len(beta)), epsilon
        self.uniform = math.floor(epsilon * samples)
        self.draws = torch.empty(batch, samples, dtype=torch.int64)
        self.log_q = torch.empty(batch, samples)
        self.rows = torch.empty(batch * samples, beta.shape[1])
        self.places = torch.arange(self.k, dtype=torch.int16).expand(batch, -1)
        self.name = f"by hand; {products}; members by {members}"

    def draw(self, top, top_scores):
        """Fills draws and the logarithms of their densities."""
        kappa = torch.softmax(top_scores, 1)
        log_q = kappa.mul(1 - self.epsilon).add_(self.epsilon / len(self.beta)).log_()
        tail, head = self.draws[:, :self.uniform], self.draws[:, self.uniform:]
        if self.uniform > 0:
            tail.random_(0, len(self.beta))
            self.log_q[:, :self.uniform] = self.log_density(tail.contiguous(), top, log_q)
        if self.uniform < self.samples:
            chosen = torch.multinomial(kappa, self.samples - self.uniform, replacement=True)
            head.copy_(top.gather(1, chosen))
            self.log_q[:, self.uniform:] = log_q.gather(1, chosen)

    def log_density(self, items, top, log_q):
        """log q of any items, log_q being that of the top K: a uniform draw may be among them."""
        if self.table is not None:
            self.table.scatter_(1, top, self.places)
            at = self.table.gather(1, items).long()
            self.table.scatter_(1, top, -1)
            inside = at >= 0
            at.clamp_(min=0)
        else:
            ranked, order = top.sort(1)
            at = torch.searchsorted(ranked, items).clamp_(max=self.k - 1)
            inside = ranked.gather(1, at) == items
            at = order.gather(1, at)
        outside = math.log(self.epsilon / len(self.beta)) if self.epsilon > 0 else -math.inf
        return torch.where(inside, log_q.gather(1, at), outside)

    def _gather(self, draws):
        return torch.index_select(self.beta, 0, draws.view(-1), out=self.rows).view(*draws.shape, -1)

    def weights(self, h, draws, log_q, rows):
        if self.products == "bmm":
            scores = torch.bmm(rows, h.unsqueeze(2)).squeeze(2)
        else:
            scores = (rows * h.unsqueeze(1)).sum(2)
        return torch.softmax(scores.sub_(log_q), 1)

    @torch.no_grad()
    def covariance(self, h, rewarded):
        top, top_scores = self.index.search(h, self.k)
        self.draw(top, top_scores)
        return self.estimate(h, rewarded, self.draws, self.log_q)

    @torch.no_grad()
    def estimate(self, h, rewarded, draws, log_q):
        rows = self._gather(draws)
        w = self.weights(h, draws, log_q, rows)
        reward = is_rewarded(draws, rewarded)
        c = reward.sub_((w * reward).sum(1, keepdim=True)).mul_(w)
        if self.products == "bmm":
            return torch.bmm(c.unsqueeze(1), rows).squeeze(1)
        return (c.unsqueeze(2) * rows).sum(1)

    def plain_loss(self, h, rewarded):
        """A loss whose gradient is the estimate: scores by autograd, weights and draws held fixed."""
        with torch.no_grad():
            top, top_scores = self.index.search(h.detach(), self.k)
            self.draw(top, top_scores)
        scores = torch.einsum("bsl,bl->bs", self.beta[self.draws], h)
        w = torch.softmax(scores.detach() - self.log_q, 1)
        reward = is_rewarded(self.draws, rewarded)
        return -(w * (reward - (w * reward).sum(1, keepdim=True)) * scores).sum(1).mean()


def is_rewarded(draws, rewarded):
    return (draws.unsqueeze(2) == rewarded.unsqueeze(1)).any(2).float()


def reinforce_plain_loss(h, beta, rewarded, samples, draws=None):
    log_pi = torch.log_softmax(h @ beta.t(), 1)
    with torch.no_grad():
        draws = torch.multinomial(log_pi.exp(), samples, replacement=True) if draws is None else draws
        reward = is_rewarded(draws, rewarded)
    return -(reward * log_pi.gather(1, draws)).mean(1).mean()


def exact_plain_loss(h, beta, rewarded):
    return -torch.softmax(h @ beta.t(), 1).gather(1, rewarded).sum(1).mean()


class ByHand:
    """A step by an estimator's covariance."""

    def __init__(self, estimator, dim):
        self.estimator, self.ascent = estimator, Ascent(dim)

    def __call__(self, x, rewarded):
        with torch.no_grad():
            h = x @ self.ascent.theta
            g = self.estimator.covariance(h, rewarded)
        self.ascent.by_hand(x, g)


class Plain:
    """A step by a loss and autograd."""

    def __init__(self, loss, dim):
        self.loss, self.ascent = loss, Ascent(dim, fused=None)

    def __call__(self, x, rewarded):
        # Adam ascends, the loss is minimised.
        value = -self.loss(x @ self.ascent.theta, rewarded)
        self.ascent.adam.zero_grad()
        value.backward()
        self.ascent.adam.step()
