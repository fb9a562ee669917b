"""The look of the report, on screen and on paper."""

STYLESHEET = """
:root { --ink: #1c2733; --soft: #5b6876; --line: #dde3e8; --panel: #f5f7f9; --accent: #0b5d6e;
  --good: #1d7a46; --bad: #b3261e; --warn: #8a5a00; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header .inner { max-width: 1120px; margin: 0 auto; padding: 0 28px; }
header { border-bottom: 1px solid var(--line); padding: 30px 0 20px; }
.kind { color: var(--accent); font-size: 13px; font-weight: 600; letter-spacing: .08em;
  text-transform: uppercase; margin: 0; }
h1 { font-size: 29px; line-height: 1.2; margin: 4px 0 6px; font-weight: 650; overflow-wrap: anywhere; }
.meta { color: var(--soft); margin: 0; font-size: 14px; }
.use { margin: 18px 0 0; padding: 10px 14px; background: #fff6e0; border-left: 4px solid #d99a1c;
  color: #5c4100; font-weight: 600; }
section { margin: 34px 0 0; }
h2 { font-size: 19px; font-weight: 650; margin: 0 0 12px; padding-bottom: 5px;
  border-bottom: 2px solid var(--accent); }
h3 { font-size: 15px; font-weight: 650; margin: 20px 0 8px; }
.note { color: var(--soft); font-size: 13.5px; margin: 8px 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px;
  margin-top: 24px; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 11px 14px; }
.card b { display: block; font-size: 21px; font-weight: 650; line-height: 1.25; overflow-wrap: anywhere; }
.card span { color: var(--soft); font-size: 13px; }
.row.four { grid-template-columns: repeat(auto-fit, minmax(225px, 1fr)); }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 16px;
  align-items: start; }
figure { margin: 0; break-inside: avoid; }
figcaption { color: var(--soft); font-size: 13px; margin-top: 5px; }
.frame { position: relative; line-height: 0; border: 1px solid var(--line); border-radius: 4px;
  overflow: hidden; }
.frame img { width: 100%; height: auto; display: block; }
.over { position: absolute; inset: 0; width: 100%; height: 100%; }
.over text { font: 600 15px system-ui, Arial, sans-serif; text-anchor: middle; fill: currentColor; }
.four .over text { font-size: 25px; }
.over .side { dominant-baseline: central; }
.over .bar { fill: none; stroke: currentColor; stroke-width: 2; }
.over .cut { fill: none; stroke-width: 2; }
.on-dark { color: #ffe9a8; } .on-light { color: #43505c; }
.on-dark text { paint-order: stroke; stroke: #000; stroke-width: 3px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 500; }
td { overflow-wrap: anywhere; }
.facts { width: auto; min-width: 300px; } .facts th { color: var(--soft); padding-right: 24px;
  white-space: nowrap; }
.numbers td { white-space: nowrap; }
.hash td:last-child { font: 12px/1.6 ui-monospace, Menlo, Consolas, monospace; }
.pass { color: var(--good); font-weight: 600; } .fail { color: var(--bad); font-weight: 600; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 7px;
  border: 1px solid #0003; vertical-align: -1px; }
.warnings { margin: 0; padding: 0; list-style: none; }
.warnings li { border-left: 4px solid #d99a1c; background: #fffaf0; padding: 7px 12px; margin-bottom: 7px; }
.key > span { margin-right: 20px; white-space: nowrap; } .gap { margin-top: 16px; }
.plots { margin-top: 20px; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 26px;
  align-items: start; }
.plot { width: 100%; height: auto; max-width: 460px; } .plot.square { max-width: 340px; }
.plot text { font: 12px system-ui, Arial, sans-serif; fill: var(--soft); }
.plot .axis-side { text-anchor: middle; dominant-baseline: central; font-weight: 600; }
.plot .small { font-size: 11px; font-weight: 400; } .plot .tick { text-anchor: end;
  dominant-baseline: central; }
.plot .grid { stroke: var(--line); fill: none; } .plot .ray { stroke: #9aa7b2; stroke-dasharray: 4 3;
  fill: none; }
.plot g.source circle { fill: #c2410c; } .plot g.panel circle { fill: var(--accent); }
.plot .curve { fill: none; stroke-width: 2; } .plot path.source { stroke: #c2410c; }
  .plot path.panel { stroke: var(--accent); }
.plot .curve-name { dominant-baseline: central; font-weight: 600; }
.plot text.source { fill: #c2410c; } .plot text.panel { fill: var(--accent); }
.legend { width: 380px; max-width: 100%; margin-top: 12px; display: block; }
.legend text { font: 12px system-ui, Arial, sans-serif; fill: var(--soft); }
.time { display: grid; grid-template-columns: 150px 1fr 90px; gap: 12px; align-items: center;
  margin: 5px 0; }
.track { background: var(--panel); height: 13px; border-radius: 3px; overflow: hidden; }
.track i { display: block; height: 100%; background: var(--accent); min-width: 2px; }
.bar-time { text-align: right; font-variant-numeric: tabular-nums; }
footer { margin: 40px 0 50px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft);
  font-size: 13px; }
@page { size: A4; margin: 15mm 13mm; }
@media print {
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, header .inner { max-width: none; padding: 0; } header { padding-top: 0; }
  section { margin-top: 22px; } h2, h3 { break-after: avoid; } .whole, .scroll { break-inside: avoid; }
  tr, .card, .time, .two > * { break-inside: avoid; }
  .row { grid-template-columns: repeat(3, 1fr); gap: 10px; }
  .row.four { grid-template-columns: repeat(4, 1fr); }
  .cards { grid-template-columns: repeat(4, 1fr); } .two { grid-template-columns: 1fr 1fr; }
}
"""
