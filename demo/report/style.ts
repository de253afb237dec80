/** The page's style: light or dark as the reader's system; failures also have a pattern, not only a colour. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --panel: #ffffff; --ink: #1c1f24; --soft: #5b6470; --line: #dfe2e6;
  --good: #7ba7d9; --bad: #c8321f; --mark: #1c1f24; --window: #f2c14e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --panel: #1c2026; --ink: #e9ecef; --soft: #9aa4b0; --line: #333a43;
    --good: #4677ad; --bad: #ff7b66; --mark: #e9ecef; --window: #8f6f1d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.3rem); line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 2.5rem 0 0; font-size: 1.3rem; }
p { margin: 0.4rem 0 0; max-width: 48rem; color: var(--soft); }
section > p { margin-bottom: 1rem; }
figure { margin: 0; padding: 0.9rem 1rem 0.4rem; background: var(--panel); border: 1px solid var(--line); }
figure + figure { border-top: 0; }
figure:first-of-type { border-radius: 0.6rem 0.6rem 0 0; }
figure:last-of-type { border-radius: 0 0 0.6rem 0.6rem; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 1.2rem; align-items: baseline; font-variant-numeric: tabular-nums; }
figcaption b { min-width: 12rem; }
figcaption span { color: var(--soft); font-size: 0.9rem; }
figcaption .verdict { color: var(--ink); font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
.axis { stroke: var(--line); }
.succeeded { fill: var(--good); }
.failed { fill: url(#hatching); stroke: var(--bad); stroke-width: 1; }
.hatching-ground { fill: var(--panel); }
.hatching-line { stroke: var(--bad); stroke-width: 2.5; }
.rotation { stroke: var(--mark); stroke-dasharray: 3 2; }
.window { fill: var(--window); opacity: 0.55; }
.rotation-number { fill: var(--ink); font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; margin-top: 1rem; color: var(--soft); font-size: 0.9rem; }
.legend svg { display: inline-block; width: 1.1rem; height: 0.9rem; margin-right: 0.4rem; vertical-align: -0.1rem; }
`;
