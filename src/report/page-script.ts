/**
 * The script of every page, for browsers: moves the comparing sliders, draws the curves, copies the commands. It is text
 * and not a module, because the page has to hold it whole.
 */
export const pageScript = `
'use strict';
for (const box of document.querySelectorAll('.comparison')) {
  const range = box.querySelector('input');
  const move = () => box.style.setProperty('--split', range.value + '%');
  range.addEventListener('input', move);
  move();
}
for (const block of document.querySelectorAll('.command')) {
  const button = block.querySelector('button');
  button.addEventListener('click', async () => {
    const pre = block.querySelector('pre');
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = 'Copied';
    } catch {
      // Pages opened from a file may not write to the clipboard in every browser: select the text instead.
      getSelection().selectAllChildren(pre);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
for (const element of document.querySelectorAll('script[data-kind="chart"]')) {
  const { unit, x, series, bands } = JSON.parse(element.textContent);
  const holder = element.parentElement;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const short = (value) => value == null ? '' : Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3 ? value.toExponential(2) : String(+value.toPrecision(4));
  const axis = () => ({ stroke: colour('faint'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 } });
  // A new scale of the picture makes the losses jump: it gets a dashed line and its size in words.
  const drawBands = (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.fillStyle = ctx.strokeStyle = colour('faint');
    ctx.setLineDash([4 * ratio, 4 * ratio]);
    ctx.lineWidth = ratio;
    ctx.font = 11 * ratio + 'px system-ui, sans-serif';
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    for (const { from, label } of bands) {
      const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
      if (left > bbox.left + bbox.width) continue;
      if (from > x[0]) {
        ctx.beginPath();
        ctx.moveTo(left, bbox.top);
        ctx.lineTo(left, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.fillText(label, left + 5 * ratio, bbox.top + 4 * ratio);
    }
    ctx.restore();
  };
  let plot;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot({
      width: holder.clientWidth - 24,
      height: 340,
      scales: { x: { time: false }, y: { distr: 3, log: 10 } },
      axes: [{ ...axis(), label: unit, labelSize: 22 }, { ...axis(), size: 66, values: (_, ticks) => ticks.map((tick) => tick == null ? null : short(tick)) }],
      series: [{ label: unit }, ...series.map(({ label, colour: name, width, dashed }) => ({ label, stroke: colour(name), width, ...(dashed ? { dash: [6, 4] } : {}), points: { show: x.length === 1 }, value: (_, value) => short(value) }))],
      hooks: { draw: [drawBands] },
    }, [x, ...series.map(({ values }) => values)], holder);
  };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => plot.setSize({ width: holder.clientWidth - 24, height: 340 })).observe(holder);
}
`;
