"""The same work as any-style.mjs's in PyTorch: the encoder of a quarter-width VGG-19 up to relu4_1, whitening and colouring of four maps and
of the picture, and the decoder, random weights. Arguments: height, width, passes. Prints one JSON object."""
import json, resource, statistics, sys, time
import torch
import torch.nn.functional as F

height, width, passes = map(int, sys.argv[1:4])
torch.manual_seed(0)
torch.set_flush_denormal(True)
channels, blocks = (16, 32, 64, 128), 2


def kernel(of, to, side=3):
    return torch.randn(to, of, side, side) * (of * side * side) ** -0.5, torch.zeros(to)


first = kernel(3, 3, 1)
encoder, before = [], 3
for to, count in zip(channels, (2, 2, 4, 1)):
    encoder.append([])
    for _ in range(count):
        encoder[-1].append(kernel(before, to))
        before = to
decoder = {}
for level, of in enumerate(channels):
    to = channels[level - 1] if level > 0 else of
    decoder[level] = {
        "residual": [(kernel(of, of), kernel(of, of)) for _ in range(blocks if level > 1 else 0)],
        "kernels": [kernel(of, to), kernel(to, to), kernel(to, to)] if level > 0 else [kernel(of, of), kernel(of, 3)],
    }


def convolve(x, weights):
    p = (weights[0].shape[-1] - 1) // 2
    return F.conv2d(F.pad(x, (p, p, p, p), mode="reflect"), *weights)


def encode(x):
    maps, x = [], F.conv2d(x, *first)
    for block, kernels in enumerate(encoder):
        if block > 0:
            x = F.max_pool2d(x, 2)
        for index, weights in enumerate(kernels):
            x = F.relu(convolve(x, weights))
            if index == 0:
                maps.append(x)
    return maps


def distribution(x):
    values = x.flatten(2)[0]
    mean = values.mean(1, keepdim=True)
    centred = values - mean
    return mean, centred @ centred.t() / values.shape[1]


def roots(matrix):
    unit, norm = torch.eye(len(matrix)), matrix.norm()
    root, inverse = matrix / norm, torch.eye(len(matrix))
    for _ in range(16):
        half = 1.5 * unit - 0.5 * inverse @ root
        root, inverse = root @ half, half @ inverse
    return root * norm.sqrt(), inverse / norm.sqrt()


def invertible(mean, covariance):
    return covariance + (1e-3 * covariance.diagonal().mean() + 3e-5 * (mean * mean).mean() + 1e-8) * torch.eye(len(covariance))


def color(x, wanted):
    own = distribution(x)
    linear = roots(invertible(*wanted))[0] @ roots(invertible(*own))[1]
    offset = wanted[0] - linear @ own[0]
    return F.conv2d(x, linear[:, :, None, None], offset[:, 0])


def read(painting):
    return [distribution(x) for x in [*encode(painting), painting]]


def paint(picture, code):
    maps = encode(F.pad(picture, (0, 8, 0, 8), mode="reflect"))
    x = maps[3]
    for level in (3, 2, 1, 0):
        if level == 2:
            x = 0.5 * x + 0.5 * maps[2][:, :, :x.shape[2], :x.shape[3]]
        x = color(x, code[level])
        for one, other in decoder[level]["residual"]:
            x = x + convolve(F.relu(convolve(x, one)), other)
        *others, last = decoder[level]["kernels"]
        for weights in others:
            x = F.relu(convolve(x, weights))
        x = convolve(F.interpolate(x, scale_factor=2, mode="nearest") if level > 0 else x, last)
    return color(x[:, :, :height, :width], code[4])


picture, painting = torch.rand(1, 3, height, width), torch.rand(1, 3, 384, 512)
times = {"code": [], "paint": []}
with torch.no_grad():
    for _ in range(passes + 1):
        start = time.perf_counter()
        code = read(painting)
        between = time.perf_counter()
        paint(picture, code)
        times["code"].append((between - start) * 1000)
        times["paint"].append((time.perf_counter() - between) * 1000)
print(json.dumps({"ms_median": statistics.median(times["paint"][1:]), "code_ms_median": statistics.median(times["code"][1:]),
                  "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
