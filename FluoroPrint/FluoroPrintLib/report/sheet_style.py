"""What the print sheet adds to the look of the report: forms, lines to write on, pages."""

SHEET_STYLE = """
.alarm { margin: 14px 0 0; padding: 10px 14px; border: 2px solid var(--bad); color: var(--bad);
  font-weight: 700; border-radius: 4px; }
.row.three { grid-template-columns: repeat(3, 1fr); gap: 12px; padding-right: 1px; }
.three .over text { font-size: 22px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 30px; align-items: start; }
.pair table, .pair .facts { width: 100%; min-width: 0; }
.pair .facts th { width: 38%; white-space: normal; padding-right: 12px; }
.findings { margin: 10px 0 0; padding: 0; list-style: none; }
.findings li { border-left: 4px solid #d99a1c; background: #fffaf0; padding: 6px 12px; margin-bottom: 6px;
  font-size: 14px; }
.findings li.fault { border-color: var(--bad); background: #fdf1f0; }
.findings li.good { border-color: var(--good); background: #f0f8f3; }
.caliper figure { border: 1px solid var(--line); border-radius: 6px; padding: 8px; }
.caliper .frame { border: 0; }
.caliper .number { display: inline-block; min-width: 22px; height: 22px; line-height: 22px; margin-right: 7px;
  border-radius: 11px; background: var(--accent); color: #fff; text-align: center; font-weight: 650;
  font-size: 13px; }
.caliper .nominal { font-size: 18px; font-weight: 650; font-variant-numeric: tabular-nums; }
.caliper .sides { float: right; color: var(--soft); font-size: 13px; line-height: 26px; }
.caliper figcaption { color: var(--ink); }
.caliper .how { color: var(--soft); margin: 3px 0 8px; min-height: 2.9em; font-size: 12.5px;
  line-height: 1.4; }
.reading { display: flex; align-items: baseline; gap: 6px; }
.reading input { width: 76px; font: inherit; font-size: 15px; padding: 2px 6px; border: 0;
  border-bottom: 1.5px solid var(--ink); background: var(--panel); text-align: right; }
.reading input.wrong { border-color: var(--bad); color: var(--bad); }
.reading .error { margin-left: auto; white-space: nowrap; font-variant-numeric: tabular-nums;
  font-size: 13.5px; }
.result { border: 1px solid var(--line); border-radius: 6px; background: var(--panel); padding: 8px 12px;
  break-inside: avoid; }
.result h3 { margin: 0 0 4px; } .result td { text-align: right; white-space: nowrap; }
.result th { padding-right: 8px; }
.result table { font-size: 13.5px; } .result th, .result td { padding: 3px 0; }
.result td { padding-left: 6px; }
.result tr:last-child th, .result tr:last-child td { border: 0; font-weight: 650; }
.controls { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin: 10px 0 12px; }
.controls select, .controls button { font: inherit; font-size: 14px; padding: 4px 12px; border-radius: 4px;
  border: 1px solid #9aa7b2; background: #fff; color: var(--ink); }
.controls button { cursor: pointer; }
.blanks { table-layout: fixed; } .blanks td, .blanks th { border: 1px solid #b9c3cc; padding: 5px 8px; }
.blanks tbody td { height: 30px; } .blanks thead th { background: var(--panel); }
.hash { font-size: 13px; } .hash td:last-child { font-size: 10.5px; word-break: break-all; }
@page { @bottom-left { content: "Not for diagnostic use. Not a cleared medical device.";
    font: 8pt system-ui, Arial, sans-serif; color: #5b6876; }
  @bottom-right { content: counter(page) " / " counter(pages);
    font: 8pt system-ui, Arial, sans-serif; color: #5b6876; } }
@media print {
  body { font-size: 9.5pt; } table { font-size: 9.5pt; } h1 { font-size: 22pt; }
  section { margin-top: 18px; } .result table { font-size: 8.5pt; }
  .row.three { grid-template-columns: repeat(3, 1fr); gap: 8px; }
  .page { break-before: page; margin-top: 0; } .keep, .pair > *, .findings li { break-inside: avoid; }
  .screen { display: none; } .findings li { font-size: 9.5pt; }
  footer { margin: 10px 0 0; padding-top: 6px; font-size: 8pt; }
  .blanks tbody td { height: 27px; } .blanks td, .blanks th { padding: 3px 8px; }
}
"""
