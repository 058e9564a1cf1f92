"""The same work as texture.mjs in PyTorch: circular padding, relative Gram losses at five layers, a step of L-BFGS.
Arguments: side, steps. Prints one JSON object."""
import json, math, os, resource, statistics, struct, sys, time
import torch
import torch.nn.functional as F


def tensors(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header, body = json.loads(file.read(length)), bytearray(file.read())
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(body, dtype=torch.float32, offset=entry["data_offsets"][0],
                                   count=math.prod(entry["shape"])).reshape(entry["shape"])
            for name, entry in header.items()}


side, steps = map(int, sys.argv[1:3])
weights = tensors(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../test/golden/vgg19-16x.safetensors"))
names = "1_1 1_2 M 2_1 2_2 M 3_1 3_2 3_3 3_4 M 4_1 4_2 4_3 4_4 M 5_1".split()


def grams(x, padding):
    found = []
    x = F.conv2d(x, weights["preprocess.weight"], weights["preprocess.bias"])
    for name in names:
        if name == "M":
            x = F.max_pool2d(x, 2)
            continue
        x = F.pad(x, (1, 1, 1, 1), mode=padding)
        x = F.relu(F.conv2d(x, weights[f"conv{name}.weight"], weights[f"conv{name}.bias"]))
        if name.endswith("_1"):
            rows = x.flatten(2)[0]
            found.append(rows @ rows.T / rows.shape[1])
    return found


places = torch.arange(1, 3 * side * side + 1, dtype=torch.float64)
sample = torch.sin(places * 12.9898).abs().float().reshape(1, 3, side, side)
with torch.no_grad():
    targets = grams(sample, "reflect")
torch.manual_seed(0)
x = (0.5 + 0.25 * torch.randn(1, 3, side, side)).clamp(0, 1).requires_grad_(True)
optimizer = torch.optim.LBFGS([x], max_iter=1, history_size=8, tolerance_grad=0, tolerance_change=0)


def closure():
    optimizer.zero_grad()
    pairs = zip(grams(x, "circular"), targets)
    loss = sum(((own - target) ** 2).sum() / (target ** 2).sum() for own, target in pairs) / 5
    loss.backward()
    return loss


times = []
for step in range(steps + 1):
    start = time.perf_counter()
    optimizer.step(closure)
    times.append((time.perf_counter() - start) * 1000)
timed = times[1:]
print(json.dumps({"ms_best": min(timed), "ms_median": statistics.median(timed),
                  "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
