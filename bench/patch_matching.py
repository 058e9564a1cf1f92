"""The same work as patch-matching.mjs in PyTorch: unfolded patches, a product a slice of them, norms over the taps that lie
inside both maps. Arguments: side, channels, patch, repeats. Prints one JSON object."""
import json, resource, statistics, sys, time
import torch
import torch.nn.functional as F

side, channels, patch, repeats = map(int, sys.argv[1:5])
slice_rows = 512  # bounds the memory of the scores


def maps(seed):
    places = torch.arange(1, channels * side * side + 1, dtype=torch.float64)
    return torch.sin(places * seed).clamp(min=0).float().reshape(1, channels, side, side)


def unfold(x):
    return F.unfold(x, patch, padding=patch // 2)[0]


def match(a, b):
    inside = unfold(torch.ones(1, 1, side, side))
    (ua, ub), (ea, eb) = map(unfold, (a, b)), (unfold((x * x).sum(1, keepdim=True)) for x in (a, b))
    best, where = [], []
    for start in range(0, side * side, slice_rows):
        rows = slice(start, start + slice_rows)
        norms = (ea[:, rows].t() @ inside).sqrt_() * (inside[:, rows].t() @ eb).sqrt_()
        score, index = ((ua[:, rows].t() @ ub) / norms.add_(1e-9)).max(dim=1)
        best.append(score)
        where.append(index)
    return torch.cat(best), torch.cat(where)


a, b, times = maps(12.9898), maps(78.233), []
with torch.no_grad():
    for repeat in range(repeats + 1):
        start = time.perf_counter()
        best, where = match(a, b)
        times.append((time.perf_counter() - start) * 1000)
timed = times[1:]
print(json.dumps({"ms_best": min(timed), "ms_median": statistics.median(timed), "mean_score": best.mean().item(),
                  "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
