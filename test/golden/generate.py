"""Golden values for the test suite, computed by an independent PyTorch implementation.

Run with Debian's python3-torch (`apt-get install python3-torch python3-numpy libopenblas0-pthread`):
    /usr/bin/python3 test/golden/generate.py FOLDER
It reads vgg19-16x.safetensors beside it and writes the .safetensors and .json files of this folder into FOLDER, which is made.
Tests read those here; they never need Python. Compare before you replace one: the last digits depend on PyTorch's version.
"""
import json, math, os, struct, sys
import numpy as np
import torch
import torch.nn.functional as F

if len(sys.argv) != 2:
    sys.exit("usage: generate.py FOLDER")
HERE = os.path.dirname(os.path.abspath(__file__))
OUT = sys.argv[1]
os.makedirs(OUT, exist_ok=True)
torch.manual_seed(0)
torch.set_num_threads(2)


def load(path):
    with open(path, "rb") as f:
        n = struct.unpack("<Q", f.read(8))[0]
        head = json.loads(f.read(n))
        body = f.read()
    out = {}
    for k, v in head.items():
        if k == "__metadata__":
            continue
        a, b = v["data_offsets"]
        dt = {"F32": "<f4", "I64": "<i8", "F16": "<f2"}[v["dtype"]]
        out[k] = torch.from_numpy(np.frombuffer(body[a:b], dt).copy().reshape(v["shape"]))
    return out


def save(path, tensors, meta=None):
    head, off, body = {}, 0, []
    if meta:
        head["__metadata__"] = {k: str(v) for k, v in meta.items()}
    for k, t in tensors.items():
        a = t.detach().cpu().numpy()
        dt, code = ("<i8", "I64") if a.dtype.kind == "i" else ("<f4", "F32")
        b = a.astype(dt).tobytes()
        head[k] = {"dtype": code, "shape": list(a.shape), "data_offsets": [off, off + len(b)]}
        off += len(b)
        body.append(b)
    h = json.dumps(head).encode()
    h += b" " * (-len(h) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h + b"".join(body))


CFG = [("conv1_1", 16), ("conv1_2", 16), "M", ("conv2_1", 32), ("conv2_2", 32), "M",
       ("conv3_1", 64), ("conv3_2", 64), ("conv3_3", 64), ("conv3_4", 64), "M",
       ("conv4_1", 128), ("conv4_2", 128), ("conv4_3", 128), ("conv4_4", 128), "M", ("conv5_1", 128)]
STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]


class Encoder16x:
    """VGG-19 with a quarter of the channels (Wang et al. 2020). Input: RGB in [0, 1], NCHW."""

    def __init__(self, dtype=torch.float32):
        self.w = {k: v.to(dtype) for k, v in load(os.path.join(HERE, "vgg19-16x.safetensors")).items()}

    def __call__(self, x, pool="max", project=False):
        w, out = self.w, {}
        x = F.conv2d(x, w["preprocess.weight"], w["preprocess.bias"])
        for item in CFG:
            if item == "M":
                x = F.max_pool2d(x, 2) if pool == "max" else F.avg_pool2d(x, 2)
                continue
            name = item[0]
            x = F.relu(F.conv2d(x, w[name + ".weight"], w[name + ".bias"], padding=1))
            r = "relu" + name[4:]
            out[r] = x
        if project:
            for r in STYLE:
                n = "project" + r[4:]
                out[r] = F.conv2d(out[r], w[n + ".weight"], w[n + ".bias"])
        return out


def gram(f, norm):
    n, c, h, w = f.shape
    v = f.reshape(n, c, h * w)
    g = v @ v.transpose(1, 2)
    return g / {"none": 1, "hw": h * w, "chw": c * h * w}[norm]


def tv_l1_mean(x):
    return 0.5 * ((x[:, :, 1:, :] - x[:, :, :-1, :]).abs().mean() + (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().mean())


def tv_l2_sum(x):
    return (x[:, :, 1:, :] - x[:, :, :-1, :]).pow(2).sum() + (x[:, :, :, 1:] - x[:, :, :, :-1]).pow(2).sum()


def picture(h, w, seed):
    """A smooth synthetic picture in [0, 1]: sums of cosines and a few discs."""
    g = np.random.RandomState(seed)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    im = np.zeros((3, h, w))
    for c in range(3):
        for _ in range(6):
            a, b, p = g.uniform(-0.5, 0.5, 2).tolist() + [g.uniform(0, 6.28)]
            im[c] += g.uniform(0.05, 0.2) * np.cos(a * x + b * y + p)
    for _ in range(5):
        cy, cx, r = g.uniform(0, h), g.uniform(0, w), g.uniform(4, min(h, w) / 3)
        m = (y - cy) ** 2 + (x - cx) ** 2 < r * r
        for c in range(3):
            im[c][m] = g.uniform(-0.5, 0.5)
    return torch.from_numpy(np.clip(0.5 + im, 0, 1).astype(np.float32))[None]


def features_and_losses():
    enc = Encoder16x()
    content, style, x = picture(50, 70, 1), picture(44, 60, 2), picture(50, 70, 3)
    out = {"content": content, "style": style, "x": x}
    for pool in ("max", "avg"):
        fx = enc(x, pool)
        for k in STYLE + ["relu4_2"]:
            out[f"features.{pool}.{k}"] = fx[k]
    fp = enc(x, "max", project=True)
    for k in ("relu1_1", "relu3_1", "relu5_1"):
        out[f"projected.max.{k}"] = fp[k]
    scalars = {}
    for pool in ("max", "avg"):
        with torch.no_grad():
            fc, fs = enc(content, pool), enc(style, pool)
        for name in ("content", "gram_chw", "gram_hw", "mean_std", "tv_l1_mean", "tv_l2_sum"):
            y = x.clone().requires_grad_(True)
            fy = enc(y, pool)
            if name == "content":
                l = (fy["relu4_2"] - fc["relu4_2"]).pow(2).mean()
            elif name.startswith("gram"):
                l = sum((gram(fy[k], name[5:]) - gram(fs[k], name[5:])).pow(2).mean() for k in STYLE)
            elif name == "mean_std":
                l = 0
                for k in STYLE:
                    a, b = fy[k].flatten(2), fs[k].flatten(2)
                    l = l + (a.mean(2) - b.mean(2)).pow(2).mean() + \
                        ((a.var(2, unbiased=False) + 1e-5).sqrt() - (b.var(2, unbiased=False) + 1e-5).sqrt()).pow(2).mean()
            else:
                l = {"tv_l1_mean": tv_l1_mean, "tv_l2_sum": tv_l2_sum}[name](y)
            g, = torch.autograd.grad(l, y)
            scalars[f"{name}.{pool}"] = l.item()
            out[f"grad.{name}.{pool}"] = g
    save(os.path.join(OUT, "losses.safetensors"), out)
    json.dump({"note": "mean over channels and positions for content; mean over the C*C matrix for gram_*; "
                       "sum over relu1_1..relu5_1; mean_std: biased variance, eps 1e-5 inside the root",
               "values": scalars}, open(os.path.join(OUT, "losses.json"), "w"), indent=1)


def histogram_loss_reference():
    """Risser et al. 2017: match each channel's activations to the style's by sorted values, target is constant."""
    g = np.random.RandomState(5)
    a = np.maximum(g.randn(4, 30, 20) * 2 + 0.3, 0).astype(np.float32)
    b = np.maximum(g.gamma(2.0, 1.0, (4, 18, 26)) - 0.8, 0).astype(np.float32)
    out = np.empty_like(a)
    for c in range(4):
        s, t = a[c].ravel(), np.sort(b[c].ravel())
        rank = np.argsort(np.argsort(s, kind="stable"), kind="stable")
        q = (rank + 0.5) / s.size * t.size - 0.5
        out[c] = np.interp(q, np.arange(t.size), t).reshape(a[c].shape)
    loss = ((a - out) ** 2).mean()
    save(os.path.join(OUT, "histogram.safetensors"),
         {"input": torch.from_numpy(a), "target": torch.from_numpy(b), "matched": torch.from_numpy(out)},
         {"loss_mean": float(loss), "rule": "exact rank matching, stable ties, linear interpolation at (rank+0.5)/n"})


def patch_match_reference():
    """Best NCC match of every patch of `input` in `target`, brute force.

    A patch is the taps (dy, dx) in {-r, -r + stride, ..., r}^2 with r = (patch - 1) / 2, over all channels.
    A tap counts, in the product and in both norms, only where it lies inside both images.
    score = sum(a * b) / (|a| * |b| + 1e-9); the first best wins a tie.
    """
    g = np.random.RandomState(6)
    a, b = g.randn(8, 11, 13).astype(np.float32), g.randn(8, 9, 10).astype(np.float32)
    b[:, 2:6, 3:8] = a[:, 4:8, 5:10]  # a planted copy must be found exactly
    out = {"input": torch.from_numpy(a), "target": torch.from_numpy(b)}
    for patch, stride in ((3, 1), (5, 2), (5, 1)):
        r = (patch - 1) // 2
        taps = [(dy, dx) for dy in range(-r, r + 1, stride) for dx in range(-r, r + 1, stride)]
        (_, h1, w1), (_, h2, w2) = a.shape, b.shape
        corr, score, match = np.zeros((h1, w1, 2), np.int64), np.zeros((h1, w1), np.float32), np.zeros_like(a)
        for y1 in range(h1):
            for x1 in range(w1):
                best = -1e20
                for y2 in range(h2):
                    for x2 in range(w2):
                        p = n1 = n2 = 0.0
                        for dy, dx in taps:
                            if 0 <= y1 + dy < h1 and 0 <= x1 + dx < w1 and 0 <= y2 + dy < h2 and 0 <= x2 + dx < w2:
                                u, v = a[:, y1 + dy, x1 + dx].astype(np.float64), b[:, y2 + dy, x2 + dx].astype(np.float64)
                                p += u @ v; n1 += u @ u; n2 += v @ v
                        q = p / (math.sqrt(n1) * math.sqrt(n2) + 1e-9)
                        if q > best + 1e-12:
                            best, corr[y1, x1] = q, (y2, x2)
                score[y1, x1] = best
                match[:, y1, x1] = b[:, corr[y1, x1, 0], corr[y1, x1, 1]]
        k = f"patch{patch}.stride{stride}."
        out.update({k + "match": torch.from_numpy(match), k + "correspondence": torch.from_numpy(corr), k + "score": torch.from_numpy(score)})
    save(os.path.join(OUT, "patch-match.safetensors"), out, {"axes": "correspondence is (row, column) in target"})


def optimiser_reference():
    def rosen(p):
        return (100 * (p[1:] - p[:-1] ** 2) ** 2 + (1 - p[:-1]) ** 2).sum()
    res = {}
    for name, make in {
        "adam": lambda p: torch.optim.Adam([p], lr=0.02),
        "adam_tf": lambda p: torch.optim.Adam([p], lr=0.02, betas=(0.99, 0.999), eps=1e-1),
        "lbfgs_strong_wolfe": lambda p: torch.optim.LBFGS([p], lr=1, max_iter=1, history_size=10, line_search_fn="strong_wolfe", tolerance_grad=0, tolerance_change=0),
    }.items():
        p = torch.tensor([-1.2, 1.0, -0.5, 0.8], dtype=torch.float64, requires_grad=True)
        o, path = make(p), []
        for _ in range(40):
            def closure():
                o.zero_grad()
                l = rosen(p)
                l.backward()
                return l
            o.step(closure)
            path.append([rosen(p).item()] + p.detach().tolist())
        res[name] = path
    json.dump({"problem": "Rosenbrock in 4 variables from [-1.2, 1, -0.5, 0.8], float64; rows are [f, x0..x3] after each step",
               "paths": res}, open(os.path.join(OUT, "optimisers.json"), "w"))


class Johnson(torch.nn.Module):
    def __init__(self, base=8, blocks=2):
        super().__init__()
        b = base
        n = torch.nn
        conv = lambda i, o, k, s=1: n.Sequential(n.ReflectionPad2d(k // 2), n.Conv2d(i, o, k, s))
        norm = lambda c: n.InstanceNorm2d(c, affine=True)
        self.down = n.Sequential(conv(3, b, 9), norm(b), n.ReLU(), conv(b, 2 * b, 3, 2), norm(2 * b), n.ReLU(),
                                 conv(2 * b, 4 * b, 3, 2), norm(4 * b), n.ReLU())
        self.res = n.ModuleList([n.Sequential(conv(4 * b, 4 * b, 3), norm(4 * b), n.ReLU(), conv(4 * b, 4 * b, 3), norm(4 * b)) for _ in range(blocks)])
        self.up = n.Sequential(n.Upsample(scale_factor=2), conv(4 * b, 2 * b, 3), norm(2 * b), n.ReLU(),
                               n.Upsample(scale_factor=2), conv(2 * b, b, 3), norm(b), n.ReLU(), conv(b, 3, 9))

    def forward(self, x):
        x = self.down(x)
        for r in self.res:
            x = x + r(x)
        return self.up(x)


def johnson_reference():
    torch.manual_seed(7)
    net, enc = Johnson(), Encoder16x()
    for p in net.parameters():
        if p.ndim == 1:
            p.data += 0.1 * torch.randn_like(p)
    batch = torch.cat([picture(64, 64, s) for s in (11, 12)])
    style = picture(64, 64, 13)
    out = {"batch": batch, "style": style}
    with torch.no_grad():
        fs, fc = enc(style), enc(batch)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    log = []
    for k, v in net.state_dict().items():
        out["before." + k] = v.clone()
    for step in range(5):
        y = net(batch)
        if step == 0:
            out["output0"] = y
        fy = enc(y)
        c = (fy["relu4_2"] - fc["relu4_2"]).pow(2).mean()
        s = sum((gram(fy[k], "chw") - gram(fs[k], "chw")).pow(2).mean() for k in STYLE)
        loss = c + 10 * s + 1e-4 * tv_l1_mean(y)
        opt.zero_grad()
        loss.backward()
        if step == 0:
            for k, p in net.named_parameters():
                out["grad0." + k] = p.grad.clone()
        opt.step()
        log.append([loss.item(), c.item(), s.item()])
    for k, v in net.state_dict().items():
        out["after5." + k] = v
    save(os.path.join(OUT, "johnson-steps.safetensors"), out)
    json.dump({"architecture": "base 8, 2 residual blocks; reflection pad + conv, instance norm (affine, eps 1e-5, biased variance), "
                               "nearest x2 + conv; no output activation; RGB in [0,1] straight in and out",
               "loss": "content mean squared error at relu4_2 + 10 * sum over relu1_1..relu5_1 of mean((gram/(C*H*W) difference)^2), style gram broadcast over the batch, + 1e-4 * tv_l1_mean",
               "optimizer": "Adam lr 1e-3, default betas and eps; [total, content, style] before each of 5 steps", "log": log},
              open(os.path.join(OUT, "johnson-steps.json"), "w"), indent=1)


def adain_and_cin_reference():
    g = torch.Generator().manual_seed(8)
    a, b = torch.randn(2, 6, 9, 7, generator=g) * 3 + 1, torch.randn(2, 6, 5, 8, generator=g)
    gamma, beta = torch.randn(2, 6, generator=g), torch.randn(2, 6, generator=g)
    n = lambda x: (x.mean((2, 3), keepdim=True), (x.var((2, 3), unbiased=False, keepdim=True) + 1e-5).sqrt())
    (ma, sa), (mb, sb) = n(a), n(b)
    save(os.path.join(OUT, "normalisation.safetensors"),
         {"a": a, "b": b, "gamma": gamma, "beta": beta, "adain": (a - ma) / sa * sb + mb,
          "conditional_instance_norm": (a - ma) / sa * gamma[:, :, None, None] + beta[:, :, None, None]})


def gatys_curve():
    """One hundred Adam steps from the content image: the loss at each step and the final image."""
    enc = Encoder16x()
    content, style = picture(96, 128, 21), picture(96, 128, 22)
    with torch.no_grad():
        fs, fc = enc(style), enc(content)
    x = content.clone().requires_grad_(True)
    o = torch.optim.Adam([x], lr=0.02)
    log = []
    for _ in range(100):
        f = enc(x)
        c = (f["relu4_2"] - fc["relu4_2"]).pow(2).mean()
        s = sum((gram(f[k], "chw") - gram(fs[k], "chw")).pow(2).mean() for k in STYLE)
        t = tv_l1_mean(x)
        loss = c + 100 * s + 1e-3 * t
        o.zero_grad(); loss.backward(); o.step()
        with torch.no_grad():
            x.clamp_(0, 1)
        log.append([loss.item(), c.item(), s.item(), t.item()])
    save(os.path.join(OUT, "gatys-curve.safetensors"), {"content": content, "style": style, "final": x})
    json.dump({"loss": "content + 100*style(gram chw, mean) + 1e-3*tv_l1_mean; max pooling; Adam lr 0.02; clamp to [0,1] after each step; rows [total, content, style, tv] before each step",
               "log": log}, open(os.path.join(OUT, "gatys-curve.json"), "w"))


for f in (features_and_losses, histogram_loss_reference, patch_match_reference, optimiser_reference, johnson_reference, adain_and_cin_reference, gatys_curve):
    f()
    print("wrote", f.__name__)
json.dump({"input": {"shape": [1, 2, 2, 3], "layout": "NHWC", "values": list(range(1, 13))},
           "gram_over_hw": [[41.5, 47, 52.5], [47, 53.5, 60], [52.5, 60, 67.5]],
           "unstable_pair": {"note": "two single-channel maps with the same Gram entry and different mean and variance",
                             "a": [0.70710678, 0.70710678], "b": [1.0, 0.0]}},
          open(os.path.join(OUT, "gram.json"), "w"), indent=1)
