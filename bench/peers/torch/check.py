"""Checks the peer before it is timed: gradients, proposal, weights and Adam against golden numbers of an independent program in double
precision (tests/golden), samplers against the probabilities that they draw by.

    python3 check.py tests/golden/small.json tests/golden/ragged.json
"""
import json
import sys

import torch

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
    rewarded, h, batch = torch.tensor(golden["rewarded_items"]), x @ theta, len(x)
    samples = golden["S"]
    # Of the golden draws few are rewarded, or none: these are for one in four.
    lucky = torch.tensor(golden["reinforce"]["draws"])
    lucky[:, ::4] = rewarded[:, torch.arange(lucky[:, ::4].shape[1]) % rewarded.shape[1]]
    wanted = reinforce_gradient(x, theta, beta, rewarded, lucky)
    for name, form in forms(beta, batch):
        close(f"exact, {name}", steps.outer(x, steps.Exact(beta, form).covariance(h, rewarded)), golden["exact"]["gradient"], failures)
        draws = torch.tensor(golden["reinforce"]["draws"])
        g = steps.Reinforce(beta, form, samples).covariance(h, rewarded, draws)
        close(f"REINFORCE, {name}", steps.outer(x, g), golden["reinforce"]["gradient"], failures)
        g = steps.Reinforce(beta, form, samples).covariance(h, rewarded, lucky)
        close(f"REINFORCE with rewards, {name}", steps.outer(x, g), wanted, failures)
    for name, loss, key in (
        ("exact", lambda h: steps.exact_plain_loss(h, beta, rewarded), "exact"),
        ("REINFORCE", lambda h: steps.reinforce_plain_loss(
            h, beta, rewarded, samples, torch.tensor(golden["reinforce"]["draws"])), "reinforce"),
    ):
        t = theta.clone().requires_grad_()
        loss(x @ t).backward()
        close(f"{name}, plain", -t.grad, golden[key]["gradient"], failures)
    t = theta.clone().requires_grad_()
    steps.reinforce_plain_loss(x @ t, beta, rewarded, samples, lucky).backward()
    close("REINFORCE with rewards, plain", -t.grad, wanted, failures)
    mixture = golden["mixture"]
    draws, top = torch.tensor(mixture["draws"]), torch.tensor(mixture["top"])
    for products in ("bmm", "sum"):
        ours = steps.Mixture(beta, Scan(beta, None, 1), batch, samples, golden["K"], golden["epsilon"], products)
        found, scores = ours.index.search(h, golden["K"])
        if not torch.equal(found.sort(1).values, top.sort(1).values):
            failures.append("top K: not the golden one")
        log_q = (torch.softmax(scores, 1) * (1 - ours.epsilon) + ours.epsilon / len(beta)).log()
        log_q = ours.log_density(draws, found, log_q)
        close("mixture, proposal", log_q.exp(), mixture["proposal"], failures)
        close("mixture, weights", ours.weights(h, draws, log_q, beta[draws]), mixture["weights"], failures)
        close("mixture, gradient", steps.outer(x, ours.estimate(h, rewarded, draws, log_q)), mixture["gradient"], failures)
    adam = golden["adam"]
    ascent = steps.Ascent(len(theta), adam["learning_rate"], adam["weight_decay"], theta)
    exact = steps.Exact(beta, Whole(beta, beta.t(), batch))
    for number, expected in enumerate(adam["theta_after_each_step"]):
        with torch.no_grad():
            ascent.by_hand(x, exact.covariance(x @ ascent.theta, rewarded))
        close(f"Adam, step {number + 1}", ascent.theta.detach(), expected, failures)


def reinforce_gradient(x, theta, beta, rewarded, draws):
    """(1/B) sum over b of (1/S) sum over s of r_s x^T (beta_s - E_pi[beta]), in double precision, term by term."""
    x, theta, beta = x.double(), theta.double(), beta.double()
    pi = torch.softmax(x @ theta @ beta.t(), 1)
    total = torch.zeros_like(theta)
    for b in range(len(x)):
        for item in draws[b].tolist():
            if item in rewarded[b].tolist():
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
    for epsilon in (0, 0.5, 1):
        mixture = steps.Mixture(beta, Scan(beta, None, 1), batch, count, 50, epsilon)
        top, scores = mixture.index.search(h, 50)
        kappa = torch.zeros(batch, items, dtype=torch.float64).scatter_(1, top, torch.softmax(scores, 1).double())

        def draw(mixture=mixture, top=top, scores=scores):
            mixture.draw(top, scores)
            return mixture.draws

        q = epsilon / items + (1 - epsilon) * kappa
        compare(f"mixture, epsilon {epsilon}", draw, q, count)
        close(f"log q of draws, epsilon {epsilon}", mixture.log_q.exp(), q.gather(1, mixture.draws), failures)


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
