"""The same work as rank-matching.mjs in PyTorch, on one thread as ours: a stable sort of every channel, and a scatter of
the target's sorted values. Arguments: channels, values in a channel, repeats. Prints one JSON object."""
import json, resource, statistics, sys, time
import torch

channels, size, repeats = map(int, sys.argv[1:4])
torch.set_num_threads(1)


def activations(seed):
    places = torch.arange(1, channels * size + 1, dtype=torch.float64)
    return torch.sin(places * seed).clamp(min=0).float().reshape(channels, size)


values, target = activations(12.9898), activations(78.233).sort(dim=1)[0]
result, times = torch.empty_like(values), []
for repeat in range(repeats + 1):
    start = time.perf_counter()
    order = values.sort(dim=1, stable=True)[1]
    result.scatter_(1, order, target)
    times.append((time.perf_counter() - start) * 1000)
timed = times[1:]
print(json.dumps({"ms_best": min(timed), "ms_median": statistics.median(timed),
                  "millions_per_second": values.numel() / min(timed) / 1e3,
                  "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
