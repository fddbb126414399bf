// Beats, intervals and their summary, by the definitions of the notebook "Intervals", and the table of waves.
// Tables are columns. waves: wave (1 P, 2 QRS, 3 T), onset, peak, offset (s), confidence, quality; for a QRS complex also r (s, R peak)
// and rr (s since the R peak before; NaN: none). beats: r and MEASURES.

const WAVES = ["", "P", "QRS", "T"];
const MAX_PR = 0.4; // s from P onset to QRS onset
const QTC_FORMULAS = {
  bazett: (qt, rr) => qt / Math.sqrt(rr),
  fridericia: (qt, rr) => qt / Math.cbrt(rr),
  framingham: (qt, rr) => qt + 0.154 * (1 - rr),
  hodges: (qt, rr) => qt + 0.00175 * (60 / rr - 60),
};
const MEASURES = {
  rr: ["RR", "ms"], heart_rate: ["Heart rate", "bpm"], p_duration: ["P duration", "ms"], pr: ["PR", "ms"], qrs: ["QRS", "ms"],
  qt: ["QT", "ms"], qtc_bazett: ["QTc, Bazett", "ms"], qtc_fridericia: ["QTc, Fridericia", "ms"],
  qtc_framingham: ["QTc, Framingham", "ms"], qtc_hodges: ["QTc, Hodges", "ms"],
};

/** Number of ascending `times` that are less than `key`. */
function lowerBound(times, key) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Columns of the waves of one kind, in order of onset. */
function wavesOfKind(waves, kind) {
  const own = Array.from(waves.wave.keys()).filter((at) => waves.wave[at] === kind).sort((a, b) => waves.onset[a] - waves.onset[b]);
  return Object.fromEntries(["onset", "offset", "r", "rr"].map((name) => [name, Float64Array.from(own, (at) => waves[name][at])]));
}

/** Function that tells whether a stretch without usable signal, { begin, end } in s, lies between two instants. */
function crossing(breaks) {
  const begins = breaks.map((stretch) => stretch.begin).sort((a, b) => a - b);
  const ends = breaks.map((stretch) => stretch.end).sort((a, b) => a - b);
  return (begin, end) => lowerBound(begins, end) > countUpTo(ends, begin);
}

function countUpTo(times, key) {
  let count = lowerBound(times, key);
  while (times[count] === key) count++;
  return count;
}

/** Intervals of every beat in ms; NaN where a wave is missing. QTc uses the RR interval before the beat. */
function beatIntervals(waves, breaks = [], ends = [-Infinity, Infinity]) {
  const [p, qrs, t] = [1, 2, 3].map((kind) => wavesOfKind(waves, kind));
  const isCrossed = crossing(breaks), count = qrs.onset.length;
  const beats = { r: qrs.r };
  for (const name of Object.keys(MEASURES)) beats[name] = new Float64Array(count).fill(NaN);
  for (let beat = 0; beat < count; beat++) {
    const begin = qrs.onset[beat], onset = begin > ends[0] ? begin : NaN;
    const offset = qrs.offset[beat] < ends[1] ? qrs.offset[beat] : NaN;
    beats.qrs[beat] = 1000 * (offset - onset);
    const rr = qrs.rr[beat];
    beats.rr[beat] = 1000 * rr;
    beats.heart_rate[beat] = 60 / rr;
    const before = lowerBound(p.onset, begin) - 1, after = lowerBound(t.onset, begin);
    if (before >= 0 && begin - p.onset[before] <= MAX_PR && !(p.onset[before] < qrs.offset[beat - 1])) {
      const pOnset = p.onset[before] > ends[0] ? p.onset[before] : NaN;
      beats.p_duration[beat] = 1000 * (p.offset[before] - pOnset);
      beats.pr[beat] = 1000 * (onset - pOnset);
    }
    if (t.offset[after] < ends[1] && !(t.onset[after] >= qrs.onset[beat + 1]) && !isCrossed(begin, t.offset[after])) {
      const qt = t.offset[after] - onset;
      beats.qt[beat] = 1000 * qt;
      for (const [name, formula] of Object.entries(QTC_FORMULAS)) beats[`qtc_${name}`][beat] = 1000 * formula(qt, rr);
    }
  }
  return beats;
}

/** Median; NaN of nothing. */
function median(values) {
  const sorted = Float64Array.from(values).sort(), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, standard deviation and number of each interval, of the beats from place `begin` to before `end`. */
function summarize(beats, begin = 0, end = beats.r.length) {
  const summary = {};
  for (const name of Object.keys(MEASURES)) {
    const values = beats[name].subarray(begin, end).filter((value) => !Number.isNaN(value));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    summary[name] = { median: median(values), sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : NaN, n: values.length };
  }
  return summary;
}

/** CSV of the waves, with the columns of `ecgseg segment --format csv`. */
function wavesCsv(lead, waves, rate) {
  let name = /^[=+\-@\t\r]/.test(lead) ? `'${lead}` : lead; // which a spreadsheet would run as a formula
  if (/[",\n\r]/.test(name)) name = `"${name.replaceAll('"', '""')}"`;
  const lines = ["lead,wave,onset,peak,offset,onset_sample,peak_sample,offset_sample,confidence,quality"];
  for (let at = 0; at < waves.onset.length; at++) {
    const times = [waves.onset[at], waves.peak[at], waves.offset[at]];
    const samples = times.map((time) => Math.round(time * rate));
    const confidence = waves.confidence ? waves.confidence[at].toFixed(6) : "";
    lines.push([name, WAVES[waves.wave[at]], ...times.map((time) => time.toFixed(6)), ...samples, confidence, waves.quality?.[at] ?? ""].join());
  }
  return `${lines.join("\n")}\n`;
}
