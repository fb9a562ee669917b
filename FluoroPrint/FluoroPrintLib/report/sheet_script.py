"""The script of the print sheet's form: what a caliper read is compared with the model, in the page itself.

`fluoroprintAccuracy` computes what `printing.accuracy.accuracy_of` does; a test runs both.
"""

SCRIPT = """
"use strict";
function fluoroprintAccuracy(nominal, measured, tolerance) {
  const pairs = nominal.map((value, i) => [value, measured[i]]).filter((pair) => pair[1] > 0);
  if (pairs.length === 0) return null;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rms = (values) => Math.sqrt(mean(values.map((value) => value * value)));
  const errors = pairs.map((pair) => pair[1] - pair[0]);
  const sizes = errors.map(Math.abs);
  const scale = mean(pairs.map((pair) => pair[0] * pair[1])) / mean(pairs.map((pair) => pair[0] ** 2));
  const largest = Math.max(...sizes);
  return {
    count: pairs.length,
    mean_mm: mean(errors),
    mean_absolute_mm: mean(sizes),
    rms_mm: rms(errors),
    max_mm: largest,
    mean_absolute_percent: 100 * mean(sizes.map((size, i) => size / pairs[i][0])),
    scale: scale,
    rms_after_scale_mm: rms(pairs.map((pair) => pair[1] / scale - pair[0])),
    tolerance_mm: tolerance,
    within: largest <= tolerance + 1e-9,
  };
}
function fluoroprintNumber(text) {
  const cleaned = text.trim().replace(",", ".");
  const value = /^[0-9]*[.]?[0-9]+$|^[0-9]+[.]$/.test(cleaned) ? Number(cleaned) : NaN;
  return value > 0 ? value : null;
}
function fluoroprintCsv(saved) {
  const quoted = (text) => '"' + String(text).replaceAll('"', '""') + '"';
  const lines = ["part,distance,sides,nominal_mm,measured_mm,error_mm"];
  for (const part of saved.parts) {
    part.caliper.forEach((each, i) => {
      const known = each.measured_mm !== null;
      const error = known ? (each.measured_mm - each.nominal_mm).toFixed(3) : "";
      lines.push([quoted(part.name), i + 1, quoted(each.name), each.nominal_mm.toFixed(3),
        known ? each.measured_mm : "", error].join(","));
    });
  }
  return lines.join("\\r\\n") + "\\r\\n";
}
function fluoroprintForm(sheet) {
  const signed = (value) => (value < 0 ? "\\u2212" : "+") + Math.abs(value).toFixed(2);
  const shown = {
    mean_mm: (found) => signed(found.mean_mm) + " mm",
    mean_absolute_mm: (found) => found.mean_absolute_mm.toFixed(2) + " mm",
    rms_mm: (found) => found.rms_mm.toFixed(2) + " mm",
    max_mm: (found) => found.max_mm.toFixed(2) + " mm",
    mean_absolute_percent: (found) => found.mean_absolute_percent.toFixed(2) + " %",
    scale: (found) => found.scale.toFixed(4),
    rms_after_scale_mm: (found) => found.rms_after_scale_mm.toFixed(2) + " mm",
  };
  const tolerance = document.getElementById("tolerance");
  const place = (name, part, rest) => document.getElementById([name, part, rest].join("-"));
  const measuredOf = (part) => sheet.parts[part].caliper.map(
    (each, i) => fluoroprintNumber(place("measured", part, i).value));
  const accuracyOf = (part, measured) => fluoroprintAccuracy(
    sheet.parts[part].caliper.map((each) => each.nominal_mm), measured, Number(tolerance.value));
  function show(part) {
    const measured = measuredOf(part), all = sheet.parts[part].caliper;
    all.forEach((each, i) => {
      const typed = place("measured", part, i), wrong = typed.value.trim() !== "" && measured[i] === null;
      typed.classList.toggle("wrong", wrong);
      place("error", part, i).textContent = wrong ? "not a length" :
        measured[i] === null ? "" : signed(measured[i] - each.nominal_mm);
    });
    const found = accuracyOf(part, measured);
    for (const name of Object.keys(shown))
      place("result", part, name).textContent = found ? shown[name](found) : "";
    const verdict = place("result", part, "verdict");
    const of = !found || found.count === all.length ? "" :
      " (" + found.count + " of " + all.length + " measured)";
    verdict.textContent = !found ? "" : (found.within ? "\\u2713 within " : "\\u2717 not within ") +
      found.tolerance_mm + " mm" + of;
    verdict.className = !found ? "" : found.within ? "pass" : "fail";
  }
  function saved() {
    const parts = sheet.parts.map((part, p) => {
      const measured = measuredOf(p);
      const caliper = part.caliper.map((each, i) => ({...each, measured_mm: measured[i]}));
      return {...part, caliper: caliper, accuracy: accuracyOf(p, measured)};
    });
    const now = new Date().toISOString();
    return {...sheet, tolerance_mm: Number(tolerance.value), measured: now, parts: parts};
  }
  function keep(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], {type: type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  const showAll = () => sheet.parts.forEach((part, number) => show(number));
  document.addEventListener("input", showAll);
  document.getElementById("save-csv").addEventListener("click",
    () => keep("measured.csv", "text/csv", fluoroprintCsv(saved())));
  document.getElementById("save-json").addEventListener("click",
    () => keep("measured.json", "application/json", JSON.stringify(saved(), null, 2)));
  showAll();
}
if (typeof document !== "undefined")
  fluoroprintForm(JSON.parse(document.getElementById("sheet-facts").textContent));
"""
