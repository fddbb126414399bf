// The page: opening recordings, moving and zooming, tables. Drawing happens at most once per frame.

const WINDOWS = [2, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600]; // s, to choose from
const SHORTEST = 0.5; // s
const MAX_ROWS = 100; // of the table of waves
const WHEEL_ZOOM = 0.0015, KEY_MOVE = 0.2, KEY_ZOOM = 1.5;

const page = { shown: undefined, view: { begin: 0, seconds: 10, gain: 1 }, target: { begin: 0, seconds: 10 }, isDirty: false };

function element(id) {
  return document.getElementById(id);
}

// ---------------------------------------------------------------------------------------------- embedded data

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(element(id).textContent.trim()), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** The recording in the page: differences of 16-bit steps, one lead after the other; the lowest step means missing. */
async function embeddedRecording() {
  const described = JSON.parse(new TextDecoder().decode(await unpacked("recording")));
  const steps = new Int16Array(await unpacked("samples"));
  const leads = described.leads.map(({ name, zero, step }, place) => {
    const values = new Float32Array(described.samples);
    for (let i = 0, at = place * described.samples, sum = 0; i < values.length; i++, at++) {
      sum = (sum + steps[at]) << 16 >> 16;
      values[i] = sum === -32768 ? NaN : zero + step * sum;
    }
    return { name, values };
  });
  return { ...described, leads };
}

/** Columns of waves as arrays of numbers; those of beats are null where there is none. */
function wavesOfResult(columns) {
  const numbers = ["onset", "peak", "offset", "r", "rr", "confidence"];
  const entries = numbers.map((name) => [name, Float64Array.from(columns[name], (value) => value ?? NaN)]);
  return { wave: Uint8Array.from(columns.wave, (name) => WAVES.indexOf(name)), quality: columns.quality, ...Object.fromEntries(entries) };
}

// ---------------------------------------------------------------------------------------------- moving and zooming

function limited(begin, seconds) {
  const { duration } = page.shown, length = Math.min(Math.max(seconds, Math.min(SHORTEST, duration)), duration);
  return { begin: Math.min(Math.max(begin, 0), duration - length), seconds: length };
}

/** Show another part, at once or in a smooth movement. */
function moveTo(begin, seconds, isSmooth = false) {
  if (!page.shown) return;
  page.target = limited(begin, seconds);
  if (!isSmooth || matchMedia("(prefers-reduced-motion: reduce)").matches) Object.assign(page.view, page.target);
  redraw();
  describeLater();
}

function move(part, isSmooth = true) {
  moveTo(page.target.begin + part * page.target.seconds, page.target.seconds, isSmooth);
}

/** Change the length of the window; the time at the fraction `at` of its width stays where it is. */
function zoom(factor, at = 0.5, isSmooth = true) {
  const { begin, seconds } = page.target, { seconds: length } = limited(begin, seconds * factor);
  moveTo(begin + at * (seconds - length), length, isSmooth);
}

function changeGain(step) {
  const menu = element("gain");
  menu.selectedIndex = Math.min(Math.max(menu.selectedIndex + step, 0), menu.options.length - 1);
  page.view.gain = Number(menu.value);
  redraw();
}

function redraw() {
  if (page.isDirty) return;
  page.isDirty = true;
  requestAnimationFrame(draw);
}

function draw() {
  page.isDirty = false;
  const { shown, view, target } = page;
  if (!shown || element("viewer").hidden) return;
  const isNear = Math.abs(target.begin - view.begin) < 1e-3 * target.seconds && Math.abs(target.seconds / view.seconds - 1) < 1e-3;
  if (isNear) Object.assign(view, target);
  else {
    view.begin += 0.35 * (target.begin - view.begin);
    view.seconds += 0.35 * (target.seconds - view.seconds);
  }
  drawChart(element("chart"), shown, view, page.colours);
  drawOverview(element("overview"), shown, view, page.colours);
  if (!isNear) redraw();
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  page.colours = { gridMinor: colour("grid-minor"), gridMajor: colour("grid-major") };
  for (const name of ["text", "faint", "accent", "paper", "trace", "P", "QRS", "T", "quality"]) page.colours[name] = colour(name);
  redraw();
}

const KEYS = {
  ArrowLeft: () => move(-KEY_MOVE), ArrowRight: () => move(KEY_MOVE), PageUp: () => move(-1), PageDown: () => move(1),
  Home: () => moveTo(0, page.target.seconds, true), End: () => moveTo(page.shown.duration, page.target.seconds, true),
  "+": () => zoom(1 / KEY_ZOOM), "=": () => zoom(1 / KEY_ZOOM), "-": () => zoom(KEY_ZOOM),
  ArrowUp: () => changeGain(1), ArrowDown: () => changeGain(-1),
};

function listenToChart(chart) {
  chart.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  chart.addEventListener("wheel", (event) => {
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!isSideways && !event.ctrlKey && document.activeElement !== chart) return; // the page scrolls
    event.preventDefault();
    const pixels = (event.deltaX || event.deltaY) * (event.deltaMode ? 30 : 1);
    if (isSideways) move(pixels / chart.clientWidth, false);
    else zoom(Math.exp(event.deltaY * WHEEL_ZOOM * (event.ctrlKey ? 6 : 1)), event.offsetX / chart.clientWidth, false);
  }, { passive: false });
  const pointers = new Map();
  const spread = () => Math.max(20, Math.abs([...pointers.values()].reduce((a, b) => a - b)));
  chart.addEventListener("pointerdown", (event) => {
    chart.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.offsetX);
    chart.classList.add("dragged");
  });
  chart.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId) || pointers.size > 2) return;
    const before = pointers.get(event.pointerId), spreadBefore = spread();
    pointers.set(event.pointerId, event.offsetX);
    if (pointers.size === 2) zoom(spreadBefore / spread(), 0.5, false); // two fingers
    else move((before - event.offsetX) / chart.clientWidth, false);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    chart.addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      chart.classList.toggle("dragged", pointers.size > 0);
    });
  }
}

function listenToOverview(overview) {
  const go = (event) => {
    const time = (event.offsetX / overview.clientWidth) * page.shown.duration;
    moveTo(time - page.target.seconds / 2, page.target.seconds, event.type === "pointerdown");
  };
  overview.addEventListener("pointerdown", (event) => {
    overview.setPointerCapture(event.pointerId);
    go(event);
  });
  overview.addEventListener("pointermove", (event) => event.buttons && go(event));
}

// ---------------------------------------------------------------------------------------------- text and tables

function fillTable(id, rows) {
  const body = document.createElement("tbody");
  for (const cells of rows) {
    const row = body.insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  }
  element(id).tBodies[0].replaceWith(body);
}

function formatted(value, unit) {
  return Number.isNaN(value) ? "–" : value.toFixed(unit === "bpm" ? 1 : 0);
}

function length(seconds) {
  const units = [[3600, "h"], [60, "min"], [1, "s"]];
  const [size, unit] = units.find(([one]) => seconds >= one && (seconds % one === 0 || one === 1)) ?? [1, "s"];
  return `${Number((seconds / size).toFixed(2))} ${unit}`;
}

function fillWindows() {
  const { duration } = page.shown, { seconds } = page.target, isAll = seconds >= duration;
  const choices = WINDOWS.filter((one) => one < duration);
  if (!isAll && !choices.some((one) => Math.abs(one - seconds) < 1e-6)) choices.unshift(Number(seconds.toPrecision(3)));
  const options = choices.map((one) => new Option(length(one), one)).concat(new Option("all", duration));
  element("window").replaceChildren(...options);
  element("window").selectedIndex = isAll ? choices.length : Math.max(0, choices.findIndex((one) => Math.abs(one - seconds) <= 0.01 * seconds));
}

let describing;

/** Text and tables follow when the movement has ended, so that a screen reader is not flooded. */
function describeLater() {
  clearTimeout(describing);
  describing = setTimeout(describe, 300);
}

function describe() {
  const { shown, target: { begin, seconds } } = page, chart = element("chart"), end = begin + seconds;
  const step = seconds < 20 ? 0.1 : 1, span = `${clock(begin + shown.first, step)} to ${clock(end + shown.first, step)}`;
  chart.setAttribute("aria-valuemax", (shown.duration - seconds).toFixed(1));
  chart.setAttribute("aria-valuenow", begin.toFixed(1));
  chart.setAttribute("aria-valuetext", span);
  fillWindows();
  if (!shown.beats) {
    element("status").textContent = `${span}.`;
    return;
  }
  const [first, last] = [lowerBound(shown.beats.r, begin), lowerBound(shown.beats.r, end)];
  const here = summarize(shown.beats, first, last), whole = (shown.summary ??= summarize(shown.beats));
  const said = [["heart_rate", "heart rate"], ["pr", "PR"], ["qrs", "QRS"], ["qtc_fridericia", "QTc"]]
    .filter(([name]) => here[name].n).map(([name, title]) => `${title} ${here[name].median.toFixed(0)} ${MEASURES[name][1]}`);
  element("status").textContent = `${span}: ${last - first} ${last - first === 1 ? "beat" : "beats"}${said.map((text) => `, ${text}`).join("")}.`;
  fillTable("intervals", Object.entries(MEASURES).map(([name, [title, unit]]) => [`${title} (${unit})`, formatted(here[name].median, unit),
    formatted(whole[name].median, unit), formatted(whole[name].sd, "bpm"), whole[name].n]));
  describeWaves(begin, end);
}

function describeWaves(begin, end) {
  const { waves, first } = page.shown, from = lowerBound(waves.onset, begin), to = lowerBound(waves.onset, end);
  const rows = [];
  for (let at = from; at < Math.min(to, from + MAX_ROWS); at++) {
    const times = [waves.onset[at], waves.peak[at], waves.offset[at]].map((time) => (time + first).toFixed(3));
    rows.push([WAVES[waves.wave[at]], ...times, (1000 * (waves.offset[at] - waves.onset[at])).toFixed(0), waves.confidence[at].toFixed(2)]);
  }
  fillTable("waves", rows);
  const note = to === from ? "No waves begin in this window." : `${to - from} waves begin in this window.`;
  element("waves-note").textContent = to - from > MAX_ROWS ? `${note} The first ${MAX_ROWS} are listed.` : note;
}

function describeQuality() {
  const { quality, duration, first } = page.shown;
  const seconds = quality.reduce((sum, stretch) => sum + stretch.end - stretch.begin, 0);
  element("quality-note").textContent = quality.length
    ? `${quality.length} intervals of ${seconds.toFixed(1)} s, ${((100 * seconds) / duration).toFixed(1)} % of the recording.`
    : "No signal is missing, flat, clipped or too noisy.";
  element("quality").hidden = !quality.length;
  fillTable("quality", quality.slice(0, MAX_ROWS).map(({ begin, end, reason }) => [clock(begin + first, 0.1), (end - begin).toFixed(1), reason]));
}

// ---------------------------------------------------------------------------------------------- recordings

function showError(message) {
  element("error").textContent = message;
  element("error").hidden = !message;
  if (message) element("work").hidden = true;
}

function showWork(text, part) {
  element("work").hidden = false;
  element("doing").textContent = text;
  if (part === undefined) element("progress").removeAttribute("value");
  else element("progress").value = part;
}

/** What a worker, or an embedded result, tells in turn: the recording, the signal of a lead, its waves. */
const NEWS = {
  recording({ name, readAs, rate, notes, leads, samples, first = 0, about = "" }) {
    const duration = samples / rate;
    page.recording = { name, rate, duration, leads, first };
    element("name").textContent = name;
    element("facts").textContent = [readAs, `${length(duration)} at ${Number(rate.toFixed(3))} Hz`, ...notes, about].filter(Boolean).join(" · ");
    element("lead").replaceChildren(...leads.map((lead, place) => new Option(lead, place)));
    element("ask-rate").hidden = true;
    page.shown = undefined;
  },
  signal({ values, levels, place }) {
    const { rate, duration, first } = page.recording, isFirst = !page.shown;
    page.shown = { values, levels, rate, duration, first, place, height: usualHeight(levels, rate), quality: [] };
    element("viewer").hidden = false;
    element("download").disabled = true;
    element("lead").selectedIndex = place;
    for (const id of ["intervals", "waves"]) fillTable(id, []);
    element("quality-note").textContent = element("waves-note").textContent = "";
    element("quality").hidden = true;
    moveTo(isFirst ? 0 : page.target.begin, isFirst ? Math.min(10, innerWidth / 110) : page.target.seconds);
    showWork("Finding waves", 0);
  },
  progress({ part }) {
    showWork("Finding waves", part);
  },
  waves({ waves, beats, quality, seconds }) {
    Object.assign(page.shown, { waves, beats, quality, seconds });
    element("work").hidden = true;
    element("download").disabled = false;
    describeQuality();
    describe();
    redraw();
  },
  error({ message, asksRate }) {
    element("ask-rate").hidden = !asksRate;
    showError(message);
    if (asksRate) element("rate").focus();
  },
};

function download() {
  const { recording, shown } = page, { first, waves } = shown;
  const moved = (times) => times.map((time) => time + first);
  const table = { ...waves, onset: moved(waves.onset), peak: moved(waves.peak), offset: moved(waves.offset) };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([wavesCsv(recording.leads[shown.place], table, recording.rate)], { type: "text/csv" }));
  link.download = `${recording.name.replace(/\.\w+$/, "").replace(/[^\p{L}\p{N}_-]/gu, "_")}_waves.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function startNetwork() {
  const program = element("program").textContent, worker = startedFrom(program);
  worker.onmessage = ({ data }) => NEWS[data.kind](data);
  worker.onerror = (event) => showError(`The network cannot run in this browser: ${event.message}`);
  worker.postMessage({ kind: "network", module: await unpacked("network"), program });
  // the old message goes at once, also where the request takes time to be made
  const send = async (request) => {
    showError("");
    showWork("Reading");
    worker.postMessage(await request);
  };
  page.open = (files, rate) => files.length && send({ kind: "files", files: (page.files = [...files]), rate });
  page.openLead = (place) => send({ kind: "lead", place });
  element("files").addEventListener("change", (event) => page.open(event.target.files));
  element("example").addEventListener("click", () => send(embeddedRecording().then((given) => ({ kind: "recording", given }))));
  element("ask-rate").addEventListener("submit", (event) => {
    event.preventDefault();
    page.open(page.files, Number(element("rate").value));
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  for (const kind of ["dragenter", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => element("drop").classList.toggle("over", kind === "dragenter" || (kind === "dragleave" && event.relatedTarget !== null)));
  }
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    page.open(event.dataTransfer.files);
  });
  element("example").hidden = !element("recording");
  element("open").hidden = false;
}

/** A page that holds a result: its waves are shown as they are. */
async function startResult() {
  const recording = await embeddedRecording();
  NEWS.recording({ ...recording, leads: recording.leads.map((lead) => lead.name) });
  page.openLead = (place) => {
    const { values } = recording.leads[place], { quality } = recording.results[place], waves = wavesOfResult(recording.results[place].waves);
    NEWS.signal({ values, levels: buildPyramid(values), place });
    const unusable = quality.filter(({ reason }) => UNUSABLE.includes(reason));
    NEWS.waves({ waves, quality, beats: beatIntervals(waves, unusable, recording.ends) });
  };
  page.openLead(recording.lead);
}

function startPage() {
  window.ecgseg = page;
  readColours();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
  new ResizeObserver(redraw).observe(element("chart"));
  listenToChart(element("chart"));
  listenToOverview(element("overview"));
  element("lead").addEventListener("change", (event) => page.openLead(event.target.selectedIndex));
  element("window").addEventListener("change", (event) => {
    const seconds = Number(event.target.value);
    moveTo(page.target.begin + (page.target.seconds - seconds) / 2, seconds, true);
  });
  element("gain").addEventListener("change", () => changeGain(0));
  element("earlier").addEventListener("click", () => move(-0.8));
  element("later").addEventListener("click", () => move(0.8));
  element("zoom-in").addEventListener("click", () => zoom(1 / KEY_ZOOM));
  element("zoom-out").addEventListener("click", () => zoom(KEY_ZOOM));
  element("download").addEventListener("click", download);
  (element("network") ? startNetwork() : startResult()).catch((error) => showError(error.message));
}

if (typeof document === "undefined") startWorker();
else startPage();
