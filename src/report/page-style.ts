/** The style sheet of every page: light or dark as the reader's system is, in the system's own font. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #23211d; --faint: #6f6a60; --line: #e2ded4; --card: #ffffff;
  --content: #2b6cb0; --style: #d9731a; --smoothness: #2f8f5b; --accent: #a4432c;
  --violet: #7a4fb5; --rose: #c03f7d; --teal: #16858f; --gold: #a38312; --slate: #66727f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191816; --ink: #ece8df; --faint: #9d978b; --line: #37342e; --card: #22201d;
    --content: #6aa7e8; --style: #f0a050; --smoothness: #6cc596; --accent: #e08a6e;
    --violet: #b295e6; --rose: #ea86b5; --teal: #5cc3cc; --gold: #d6bd55; --slate: #a0aebb;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1080px; padding: 32px 24px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif;
}
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 40px 0 12px; }
.status { color: var(--faint); margin: 0 0 24px; }
.status strong { color: var(--accent); }
figure { margin: 0; }
figcaption { color: var(--faint); font-size: 13px; margin-top: 6px; overflow-wrap: anywhere; }
img {
  display: block; max-width: 100%; border-radius: 4px;
  background: repeating-conic-gradient(var(--line) 0 25%, var(--card) 0 50%) 0 0 / 16px 16px;
}
.comparison { position: relative; margin: 0 auto; border-radius: 6px; overflow: hidden; touch-action: pan-y; --split: 50%; }
.comparison img { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: 0; }
.comparison img.before { clip-path: inset(0 calc(100% - var(--split)) 0 0); }
.comparison .handle {
  position: absolute; top: 0; bottom: 0; left: var(--split); width: 3px; margin-left: -1.5px;
  background: #fff; box-shadow: 0 0 4px rgb(0 0 0 / .6); pointer-events: none;
}
.comparison .handle::after {
  content: '\\2194'; position: absolute; top: 50%; left: 50%; width: 34px; height: 34px; margin: -17px;
  border-radius: 50%; background: #fff; color: #222; text-align: center; line-height: 34px; font-size: 18px;
  box-shadow: 0 0 4px rgb(0 0 0 / .5);
}
.comparison input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
.comparison:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
.comparison .label {
  position: absolute; bottom: 10px; padding: 2px 8px; border-radius: 4px; font-size: 13px; pointer-events: none;
  background: rgb(0 0 0 / .55); color: #fff;
}
.comparison .label.left { left: 10px; } .comparison .label.right { right: 10px; }
.large, .sources, .strip { display: grid; gap: 16px; }
.large { grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); align-items: end; }
.sources { grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
.sources { align-items: end; }
.sources img { width: auto; max-height: 260px; }
.strip { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; }
.strip img { width: 100%; }
.chart { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 12px; }
.chart .u-legend { font-size: 13px; text-align: left; }
.chart .u-legend th { font-weight: normal; }
.chart + table.facts { margin-top: 12px; }
table.facts { border-collapse: collapse; width: 100%; }
table.facts th, table.facts td { text-align: left; vertical-align: top; padding: 5px 16px 5px 0; border-bottom: 1px solid var(--line); }
table.facts th { color: var(--faint); font-weight: normal; white-space: nowrap; width: 1%; }
table.facts td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.command { display: flex; gap: 8px; align-items: flex-start; }
.command pre {
  flex: 1; min-width: 0; margin: 0; padding: 12px; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace;
}
.command button {
  font: inherit; padding: 6px 14px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; cursor: pointer;
}
`;
