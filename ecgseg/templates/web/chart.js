// Drawing of the ECG on its grid, with waves, intervals and quality, and of the overview below it.
// `shown` is { values, levels, rate, duration, height, first, waves, beats, quality }, `view` { begin, seconds, gain }; times in s
// from the first sample, whose own time is `first`.

const TOP = 38, WAVE_LANE = 18, INTERVAL_LANE = 44, TIME_LANE = 20; // px
const STEPS = [0.04, 0.2, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600]; // s, of the grid; 0.04 s is a millimetre of ECG paper
const LABEL_STEPS = [0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600];
const MILLIVOLT_STEPS = [0.1, 0.5, 2.5, 12.5];
const FONT = "12px system-ui, sans-serif";

/** Canvas context whose unit is a CSS pixel, cleared; with width and height. */
function prepare(canvas, colours) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d", { alpha: false });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  context.lineJoin = "round";
  return { context, width, height };
}

/** Time as h:min:s, with a decimal where the step between labels needs one. */
function clock(seconds, step = 1) {
  const decimals = step < 1 ? 1 : 0, ticks = Math.round(seconds * 10 ** decimals), perMinute = 60 * 10 ** decimals;
  const minutes = Math.floor(ticks / perMinute), rest = ((ticks % perMinute) / 10 ** decimals).toFixed(decimals);
  const padded = rest.padStart(decimals ? 4 : 2, "0"), hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${padded}` : `${minutes}:${padded}`;
}

function drawGrid(context, shown, { view, width, top, bottom, toX, toY, perMillivolt, centre, colours }) {
  const perSecond = width / view.seconds;
  const lines = (step, at, limit, vertical) => {
    context.beginPath();
    for (let k = Math.ceil(at / step); k * step <= limit; k++) {
      const place = Math.round(vertical ? toX(k * step) : toY(k * step)) + 0.5;
      context.moveTo(vertical ? place : 0, vertical ? top : place);
      context.lineTo(vertical ? place : width, vertical ? bottom : place);
    }
    context.stroke();
  };
  context.lineWidth = 1;
  const half = (bottom - top) / 2 / perMillivolt;
  const times = STEPS.filter((step) => step * perSecond >= 5).slice(0, 2);
  const volts = MILLIVOLT_STEPS.filter((step) => step * perMillivolt >= 5).slice(0, 2);
  [0, 1].forEach((level) => {
    context.strokeStyle = level ? colours.gridMajor : colours.gridMinor;
    if (times[level]) lines(times[level], view.begin, view.begin + view.seconds, true);
    if (volts[level]) lines(volts[level], centre - half, centre + half, false);
  });
  const step = LABEL_STEPS.find((one) => one * perSecond >= 64) ?? LABEL_STEPS[LABEL_STEPS.length - 1];
  context.fillStyle = colours.faint;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (let k = Math.ceil(view.begin / step); k * step <= view.begin + view.seconds; k++) {
    const x = toX(k * step);
    if (x > 20 && x < width - 20) context.fillText(clock(k * step + shown.first, step), x, bottom + WAVE_LANE + INTERVAL_LANE + 15);
  }
}

function drawQuality(context, shown, { view, top, bottom, toX, colours }) {
  for (const stretch of shown.quality) {
    if (stretch.end < view.begin || stretch.begin > view.begin + view.seconds) continue;
    const from = Math.max(-1, toX(stretch.begin)), to = Math.max(from + 1, toX(stretch.end));
    context.fillStyle = colours.quality;
    context.globalAlpha = 0.22;
    context.fillRect(from, top, to - from, bottom - top);
    context.globalAlpha = 1;
    if (to - from < 40) continue;
    context.fillStyle = colours.text;
    context.textAlign = "left";
    context.fillText(stretch.reason, Math.max(2, from) + 3, bottom - 6);
  }
}

function drawWaves(context, shown, { view, width, top, bottom, toX, colours }) {
  const { waves } = shown, perSecond = width / view.seconds;
  if (!waves || perSecond < 10) return; // a wave would be narrower than a pixel
  const end = view.begin + view.seconds;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let at = lowerBound(waves.onset, view.begin - 2); at < waves.onset.length && waves.onset[at] < end; at++) {
    const name = WAVES[waves.wave[at]], from = toX(waves.onset[at]), to = Math.max(from + 1, toX(waves.offset[at]));
    if (to < 0) continue;
    context.fillStyle = colours[name];
    context.globalAlpha = 0.35;
    context.fillRect(from, top, to - from, bottom - top);
    context.globalAlpha = 1;
    context.fillRect(from, bottom, to - from, 4);
    context.fillStyle = colours.text;
    if (perSecond >= 100 && (from + to) / 2 > 12) context.fillText(name, (from + to) / 2, bottom + 12);
  }
}

/** RR interval and heart rate between beats, PR, QRS and QTc below each, where there is room for them. */
function drawIntervals(context, shown, { view, width, bottom, toX, colours }) {
  const { beats } = shown;
  if (!beats || width / view.seconds < 25) return;
  const number = (value) => (Number.isNaN(value) ? "–" : value.toFixed(0));
  const tick = (x) => context.fillRect(Math.round(x), 20, 1, 14);
  context.fillStyle = colours.text;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const first = lowerBound(beats.r, view.begin - 0.5), end = Math.min(beats.r.length, lowerBound(beats.r, view.begin + view.seconds) + 1);
  for (let beat = first, written = -Infinity; beat < end; beat++) {
    const x = toX(beats.r[beat]);
    if (!Number.isNaN(beats.rr[beat])) {
      const from = toX(beats.r[beat] - beats.rr[beat] / 1000);
      tick(from);
      tick(x);
      if (x - from >= 54) {
        context.fillText(`${number(beats.heart_rate[beat])} bpm`, (from + x) / 2, 15);
        context.fillText(`RR ${number(beats.rr[beat])}`, (from + x) / 2, 31);
      }
    }
    if (x - written < 62 || x < 20 || x > width - 24) continue;
    written = x;
    ["PR", "QRS", "QTc"].forEach((name, line) => {
      const value = beats[{ PR: "pr", QRS: "qrs", QTc: "qtc_fridericia" }[name]][beat];
      context.fillText(`${name} ${number(value)}`, x, bottom + WAVE_LANE + 12 + 14 * line);
    });
  }
}

function drawTrace(context, shown, { view, width, top, bottom, toX, toY, colours }) {
  const { values, levels, rate } = shown, perPixel = (view.seconds * rate) / width;
  context.save();
  context.beginPath();
  context.rect(0, top, width, bottom - top);
  context.clip();
  context.strokeStyle = context.fillStyle = colours.trace;
  context.lineWidth = 1.3;
  if (perPixel > 8) { // many samples in a column of pixels: from the lowest to the highest
    for (let x = 0; x < width; x++) {
      const begin = Math.round((view.begin + (x * view.seconds) / width) * rate);
      const [low, high] = rangeOf(values, levels, begin, begin + Math.ceil(perPixel) + 1);
      if (!Number.isNaN(low)) context.fillRect(x, toY(high) - 0.65, 1, toY(low) - toY(high) + 1.3);
    }
  } else {
    context.beginPath();
    let isDown = false;
    const end = Math.min(values.length, Math.ceil((view.begin + view.seconds) * rate) + 2);
    for (let i = Math.max(0, Math.floor(view.begin * rate) - 1); i < end; i++) {
      if (Number.isNaN(values[i])) isDown = false;
      else if (isDown) context.lineTo(toX(i / rate), toY(values[i]));
      else context.moveTo(toX(i / rate), toY(values[i])), (isDown = true);
    }
    context.stroke();
  }
  context.restore();
}

/** Middle of the signal in view: the median over stretches, so that a spike does not move it. */
function middleOf(shown, view) {
  const parts = 32, length = (view.seconds * shown.rate) / parts, middles = [];
  for (let part = 0; part < parts; part++) {
    const begin = Math.round(view.begin * shown.rate + part * length);
    const [low, high] = rangeOf(shown.values, shown.levels, begin, Math.round(begin + length) + 1);
    if (!Number.isNaN(low)) middles.push(view.seconds > 20 ? (low + high) / 2 : low + (high - low) / 3);
  }
  return median(middles) || 0;
}

function drawChart(canvas, shown, view, colours) {
  const { context, width, height } = prepare(canvas, colours);
  const top = TOP, bottom = height - WAVE_LANE - INTERVAL_LANE - TIME_LANE;
  const perMillivolt = ((bottom - top) * 0.62 * view.gain) / shown.height, centre = middleOf(shown, view);
  const frame = {
    view, width, top, bottom, perMillivolt, centre, colours,
    toX: (time) => ((time - view.begin) * width) / view.seconds,
    toY: (millivolts) => (top + bottom) / 2 + (centre - millivolts) * perMillivolt + (bottom - top) * 0.12,
  };
  drawGrid(context, shown, frame);
  drawQuality(context, shown, frame);
  drawWaves(context, shown, frame);
  drawTrace(context, shown, frame);
  drawIntervals(context, shown, frame);
}

/** The whole recording: heart rate, poor quality, and which part is in view. The first part is kept as a picture. */
function drawOverview(canvas, shown, view, colours) {
  const { context, width, height } = prepare(canvas, colours);
  shown.overview ??= {};
  const key = `${canvas.width}x${canvas.height} ${colours.paper} ${Boolean(shown.beats)}`;
  if (shown.overview.key !== key) {
    const picture = document.createElement("canvas");
    picture.width = canvas.width;
    picture.height = canvas.height;
    const own = picture.getContext("2d");
    own.setTransform(context.getTransform());
    own.font = FONT;
    drawTrend(own, shown, width, height, colours);
    shown.overview = { key, picture };
  }
  context.drawImage(shown.overview.picture, 0, 0, width, height);
  const from = (view.begin / shown.duration) * width, length = Math.max(3, (view.seconds / shown.duration) * width);
  context.fillStyle = colours.accent;
  context.globalAlpha = 0.18;
  context.fillRect(from, 0, length, height);
  context.globalAlpha = 1;
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.strokeRect(from + 0.75, 0.75, length - 1.5, height - 1.5);
}

function drawTrend(context, shown, width, height, colours) {
  const { beats, quality, duration } = shown;
  for (const { begin, end } of quality) {
    context.fillStyle = colours.quality;
    context.globalAlpha = 0.35;
    context.fillRect((begin / duration) * width, 0, Math.max(1, ((end - begin) / duration) * width), height);
    context.globalAlpha = 1;
  }
  context.fillStyle = colours.faint;
  context.textBaseline = "middle";
  if (!beats) {
    context.fillText("Heart rate: being computed", 6, height / 2);
    return;
  }
  const toY = (rate) => height - 4 - (Math.min(Math.max(rate, 30), 190) - 30) * ((height - 8) / 160);
  context.strokeStyle = colours.gridMajor;
  for (const rate of [60, 120]) {
    context.beginPath();
    context.moveTo(0, Math.round(toY(rate)) + 0.5);
    context.lineTo(width, Math.round(toY(rate)) + 0.5);
    context.stroke();
    context.fillText(`${rate} bpm`, 4, toY(rate) + 8);
  }
  context.fillStyle = colours.trace;
  if (beats.r.length < width / 3) { // each beat
    for (let beat = 0; beat < beats.r.length; beat++) {
      const seconds = beats.rr[beat] / 1000, from = ((beats.r[beat] - seconds) / duration) * width;
      if (seconds > 0) context.fillRect(from, toY(beats.heart_rate[beat]) - 1, (seconds / duration) * width, 2);
    }
    return;
  }
  for (let column = 0, beat = 0; column < width; column++) { // the median of each column of pixels
    const from = beat;
    while (beat < beats.r.length && beats.r[beat] < ((column + 1) * duration) / width) beat++;
    const rates = beats.heart_rate.subarray(from, beat).filter((rate) => !Number.isNaN(rate));
    if (rates.length) context.fillRect(column, toY(median(rates)) - 1, 1.5, 2);
  }
}
