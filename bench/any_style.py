"""The same work as any-style.mjs's pass in PyTorch: the light network of base 16 with five residual blocks and conditional instance
normalisation, random weights. Arguments: height, width, passes. Prints one JSON object."""
import json, resource, statistics, sys, time
import torch
import torch.nn.functional as F

height, width, passes = map(int, sys.argv[1:4])
torch.manual_seed(0)
torch.set_flush_denormal(True)
base, blocks, code_length, hidden = 16, 5, 480, 256
two, wide = 2 * base, 4 * base
stages = [(3, two, 5), (two, wide, 3)] + [(wide, wide, 3)] * (2 * blocks) + [(wide, two, 3)]
weights = [(torch.randn(to, of, k, k) * (of * k * k) ** -0.5, torch.zeros(to)) for of, to, k in stages]
last = (torch.randn(3, two, 5, 5) * (two * 25) ** -0.5, torch.zeros(3))
count = 2 * sum(to for _, to, _ in stages)
layers = [(torch.randn(to, of) * of ** -0.5, torch.zeros(to))
          for of, to in [(code_length, hidden), (hidden, hidden), (hidden, count)]]


def convolve(x, weight, bias, stride=1):
    p = (weight.shape[-1] - 1) // 2
    return F.conv2d(F.pad(x, (p, p, p, p), mode="reflect"), weight, bias, stride)


def paint(x, code):
    hidden_values = F.relu(F.linear(F.relu(F.linear(code, *layers[0])), *layers[1]))
    offsets, at = F.linear(hidden_values, *layers[2]), 0

    def normalize(x):
        nonlocal at
        channels = x.shape[1]
        scale, shift = (offsets[0, at + i * channels: at + (i + 1) * channels] for i in (0, 1))
        at += 2 * channels
        return F.instance_norm(x, weight=1 + scale, bias=shift)

    def double(x):
        return F.interpolate(x, scale_factor=2, mode="nearest")

    for index in (0, 1):
        x = F.leaky_relu(normalize(convolve(x, *weights[index], stride=2)), 0.1)
    for block in range(blocks):
        inner = F.leaky_relu(normalize(convolve(x, *weights[2 + 2 * block])), 0.1)
        x = x + normalize(convolve(inner, *weights[3 + 2 * block]))
    x = F.leaky_relu(normalize(convolve(double(x), *weights[-1])), 0.1)
    return convolve(double(x), *last)[:, :, :height, :width]


picture, code = torch.rand(1, 3, height, width), torch.randn(1, code_length)
times = []
with torch.no_grad():
    for _ in range(passes + 1):
        start = time.perf_counter()
        paint(picture, code)
        times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"ms_median": statistics.median(times[1:]),
                  "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
