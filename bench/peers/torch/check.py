"""Checks the peer before it is timed: gradients, proposal, weights and Adam against golden numbers of an independent program in double
precision (tests/golden), samplers against the probabilities that they draw by.

    python3 check.py tests/golden/small.json tests/golden/ragged.json
"""
import json
import sys

import torch

import learn
import steps
from retrieval import Scan
from softmax import Chunks, Whole

# float32 rounds to 6e-8; sums of some hundred terms of either sign, relative to the largest of their result, keep five digits.
TOLERANCE = 2e-5
# Counts of 2,000 x 25 draws, cells of at least 20 expected: 5.5 standard deviations in thousands of cells are passed by luck alone
# in 1 of 10,000 runs. Seeds are fixed.
DEVIATIONS = 5.5


def close(name, found, expected, failures, tolerance=TOLERANCE):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    # Where no draw is rewarded the gradient is zero, and exactly.
    error = ((found.double() - expected).abs().max() / (expected.abs().max() or 1)).item()
    if not error <= tolerance:
        failures.append(f"{name}: off by {error:.2g} of the largest; at most {tolerance:.2g}")


def forms(beta, batch):
    beta_t = beta.t().contiguous()
    for layout in ("view", "copy"):
        for weights in ("softmax", "log_softmax", "exp"):
            for draws in ("multinomial", "cumsum", "blocks"):
                yield f"{layout}/{weights}/{draws}", Whole(beta, beta_t, batch, layout, weights, draws)
    for width in (64, 192, 100_000):
        yield f"chunks of {width}", Chunks(beta, batch, width)


def check_golden(path, failures):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    beta, x, theta = (torch.tensor(golden[name]) for name in ("beta", "contexts", "theta"))
    rewarded, batch, samples = golden["rewarded_items"], len(x), golden["S"]
    # Rewarded items are a table in the steps: where the lists differ in length, contexts are taken one by one.
    is_table = len({len(items) for items in rewarded}) == 1
    groups = [range(batch)] if is_table else [range(b, b + 1) for b in range(batch)]
    draws = torch.tensor(golden["reinforce"]["draws"])
    # Of the golden draws few are rewarded, or none: of these it is one in four.
    lucky = draws.clone()
    for b, items in enumerate(rewarded):
        lucky[b, ::4] = torch.tensor(items)[torch.arange(lucky[b, ::4].numel()) % len(items)]
    wanted = reinforce_gradient(x, theta, beta, rewarded, lucky)

    def total(gradient):
        """The gradient of the batch, of those of the groups: gradient(places, x, y) -> [L, L]."""
        return sum(
            gradient(list(places), x[list(places)], torch.tensor([rewarded[b] for b in places])) * len(places) / batch
            for places in groups)

    for name in dict(forms(beta, 1)):
        sizes = {n: dict(forms(beta, n))[name] for n in {len(places) for places in groups}}
        exact = total(lambda at, x, y: steps.outer(x, steps.Exact(beta, sizes[len(x)]).covariance(x @ theta, y)))
        close(f"exact, {name}", exact, golden["exact"]["gradient"], failures)
        for kind, given, expected in (
            ("golden", draws, golden["reinforce"]["gradient"]),
            ("rewarded", lucky, wanted),
        ):
            close(f"REINFORCE, {kind} draws, {name}", total(lambda at, x, y: steps.outer(
                x, steps.Reinforce(beta, sizes[len(x)], samples).covariance(x @ theta, y, given[at]))), expected, failures)
    listed = learn.ListedReinforce(beta, Whole(beta, beta.t(), batch), samples, batch)
    g = listed.covariance(x @ theta, [torch.tensor(items) for items in rewarded], lucky)
    close("REINFORCE, rewards by lists", steps.outer(x, g), wanted, failures)
    close("exact, plain", total(lambda at, x, y: by_autograd(
        theta, x, lambda h: steps.exact_plain_loss(h, beta, y))), golden["exact"]["gradient"], failures)
    close("REINFORCE, plain", total(lambda at, x, y: by_autograd(
        theta, x, lambda h: steps.reinforce_plain_loss(h, beta, y, samples, lucky[at]))), wanted, failures)
    for products, members in (("bmm", "search"), ("sum", "table")):
        check_mixture(golden["mixture"], golden, beta, x @ theta, total, (products, members), failures)
    if is_table:
        check_adam(golden["adam"], beta, x, theta, torch.tensor(rewarded), failures)


def check_mixture(mixture, golden, beta, h, total, kind, failures):
    draws, top = torch.tensor(mixture["draws"]), torch.tensor(mixture["top"])

    def sized(batch):
        return steps.Mixture(beta, Scan(beta, None, 1, 0), batch, golden["S"], golden["K"], golden["epsilon"], *kind)

    ours = sized(len(h))
    found, scores = ours.index.search(h, golden["K"])
    if not torch.equal(found.sort(1).values, top.sort(1).values):
        failures.append("top K: not the golden one")
    log_q = (torch.softmax(scores, 1) * (1 - ours.epsilon) + ours.epsilon / len(beta)).log()
    log_q = ours.log_density(draws, found, log_q)
    close(f"mixture, proposal, {kind}", log_q.exp(), mixture["proposal"], failures)
    close(f"mixture, weights, {kind}", ours.weights(h, draws, log_q, beta[draws]), mixture["weights"], failures)
    close(f"mixture, {kind}", total(lambda at, x, y: steps.outer(
        x, sized(len(x)).estimate(h[at], y, draws[at], log_q[at]))), mixture["gradient"], failures)
    theta = torch.tensor(golden["theta"])

    def plain(at, x, y):
        given = sized(len(x))
        given.draws, given.log_q, given.draw = draws[at], log_q[at], lambda top, scores: None
        return by_autograd(theta, x, lambda h: given.plain_loss(h, y))

    close("mixture, plain", total(plain), mixture["gradient"], failures)


def check_adam(adam, beta, x, theta, rewarded, failures):
    ascent = steps.Ascent(len(theta), adam["learning_rate"], adam["weight_decay"], theta)
    estimator = steps.Exact(beta, Whole(beta, beta.t(), len(x)))
    for number, expected in enumerate(adam["theta_after_each_step"]):
        with torch.no_grad():
            ascent.by_hand(x, estimator.covariance(x @ ascent.theta, rewarded))
        close(f"Adam, step {number + 1}", ascent.theta.detach(), expected, failures)


def by_autograd(theta, x, loss):
    t = theta.clone().requires_grad_()
    loss(x @ t).backward()
    return -t.grad


def reinforce_gradient(x, theta, beta, rewarded, draws):
    """(1/B) sum over b of (1/S) sum over s of r_s x^T (beta_s - E_pi[beta]), in double precision, term by term."""
    x, theta, beta = x.double(), theta.double(), beta.double()
    pi = torch.softmax(x @ theta @ beta.t(), 1)
    total = torch.zeros_like(theta)
    for b in range(len(x)):
        for item in draws[b].tolist():
            if item in rewarded[b]:
                total += torch.outer(x[b], beta[item] - pi[b] @ beta) / (len(x) * draws.shape[1])
    return total


def check_draws(failures):
    """Counts of draws against their probabilities, by every form, and of the mixture against q."""
    torch.manual_seed(1)
    items, dim, batch, count, repeats = 1000, 6, 3, 2000, 25
    beta, h = torch.randn(items, dim), torch.randn(batch, dim)
    pi = torch.softmax(h.double() @ beta.double().t(), 1)

    def compare(name, draw, probabilities, n):
        counts = torch.zeros(batch, items, dtype=torch.float64)
        for _ in range(repeats):
            drawn = draw()
            counts.scatter_add_(1, drawn, torch.ones(drawn.shape, dtype=torch.float64))
        expected = probabilities * n * repeats
        seen = expected >= 20
        worst = ((counts - expected)[seen].abs() / (expected * (1 - probabilities))[seen].sqrt()).max().item()
        if not worst <= DEVIATIONS or counts[expected == 0].any():
            failures.append(f"draws, {name}: {worst:.1f} standard deviations off; at most {DEVIATIONS}")

    for name, form in forms(beta, batch):
        form.run(h)
        compare(name, lambda form=form: form.draw(count), pi, count)
    for epsilon, members in ((0, "search"), (0.5, "search"), (0.5, "table"), (1, "table")):
        mixture = steps.Mixture(beta, Scan(beta, None, 1, 0), batch, count, 50, epsilon, members=members)
        top, scores = mixture.index.search(h, 50)
        kappa = torch.zeros(batch, items, dtype=torch.float64).scatter_(1, top, torch.softmax(scores, 1).double())

        def draw(mixture=mixture, top=top, scores=scores):
            mixture.draw(top, scores)
            return mixture.draws

        q = epsilon / items + (1 - epsilon) * kappa
        compare(f"mixture, epsilon {epsilon}, members by {members}", draw, q, count)
        close(f"log q of draws, epsilon {epsilon}, {members}", mixture.log_q.exp(), q.gather(1, mixture.draws), failures)


def main():
    failures = []
    for path in sys.argv[1:]:
        check_golden(path, failures)
    check_draws(failures)
    for failure in failures:
        print(f"check: {failure}", file=sys.stderr)
    print(f"check: {len(sys.argv) - 1} golden files and draws: {'failed' if failures else 'right'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
