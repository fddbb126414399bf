// Workers read files and run the network, so that the page stays responsive. They run the same script as the page.

const REASONS = ["gap", "clipped", "flat", "noise", "uncertain"]; // in the order of the C code's flags
const UNUSABLE = ["gap", "flat", "noise"]; // without waves
const QUALITIES = ["good", "clipped", "uncertain"];
const PART = 3600, OVERLAP = 180; // s: recordings from twice this length on are divided; more than the C code remembers

let networkModule, program, recording, helpers = [], request = 0;

/** Waves and stretches of samples as rows, from place `start` on, of which those that begin in [begin, end) are kept. */
async function segmentPart({ module, values, rate, start, begin, end, history }, onProgress) {
  const waves = [], stretches = [];
  const { exports: network } = await WebAssembly.instantiate(module, {
    page: {
      wave: (...row) => start + row[1] >= begin && start + row[1] < end && waves.push(row),
      stretch: (flag, from, to) => stretches.push([flag, start + from, start + to]),
      sin: Math.sin,
    },
  });
  network.start(rate);
  if (start) network.resume(...history);
  const chunk = new Float32Array(network.memory.buffer, network.samples(), network.capacity());
  for (let at = 0, shown = performance.now(); at < values.length; at += chunk.length) {
    const piece = values.subarray(at, at + chunk.length);
    chunk.set(piece);
    network.push(piece.length);
    if (performance.now() < shown + 100) continue;
    if (onProgress(at + piece.length) === false) throw new Error("stopped");
    await new Promise((done) => setTimeout(done)); // lets another request in
    shown = performance.now();
  }
  network.finish();
  for (const row of waves) for (const column of [1, 2, 3]) row[column] += start;
  const clipped = stretches.map(([flag, from, to]) => [flag, Math.max(from, begin), Math.min(to, end)]);
  return { waves, stretches: clipped.filter(([, from, to]) => from < to) };
}

/** Parts of a recording, with signal before and after, that are segmented at the same time, and the instants at which waves are cut off. */
async function planParts(values, rate) {
  const count = Math.max(1, Math.min(navigator.hardwareConcurrency || 1, 4, Math.floor(values.length / rate / PART)));
  const length = Math.ceil(values.length / count), overlap = Math.ceil(OVERLAP * rate);
  const { exports: network } = await WebAssembly.instantiate(networkModule, { page: { wave() {}, stretch() {}, sin: Math.sin } });
  network.start(rate);
  const period = network.period(), ratio = network.ratio(), last = Math.floor((values.length - 1) / ratio) * ratio, first = values.find((value) => Number.isFinite(value)) ?? 0;
  const parts = Array.from({ length: count }, (_, part) => {
    const begin = part * length, end = Math.min(values.length, begin + length);
    const start = Math.floor(Math.max(0, begin - overlap) / period) * period;
    const stop = part === count - 1 ? values.length : end + overlap;
    const history = start ? [first, ...extremes(values, values, 0, start)] : [];
    return { module: networkModule, values: values.slice(start, stop), rate, start, begin, end, history };
  });
  return { parts, ends: [0, (last - 0.5) / rate] }; // the network's last sample, but for the rounding of a wave's offset
}

/** A worker that runs a script. In a page opened from a file, each thread must make the address of the script itself. */
function startedFrom(script) {
  return new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
}

/** What a helper finds in a part. */
function inHelper(part, onProgress) {
  return new Promise((resolve, reject) => {
    const helper = startedFrom(program);
    helpers.push(helper);
    helper.onmessage = ({ data }) => (data.found ? resolve(data.found) : data.message ? reject(new Error(data.message)) : onProgress(data.done));
    helper.onerror = (event) => reject(new Error(event.message));
    helper.postMessage({ kind: "part", part }, [part.values.buffer]);
  });
}

/** Waves of a lead as columns, its quality, and the instants at which waves are cut off. */
async function segmentLead(values, rate, onProgress) {
  const { parts, ends } = await planParts(values, rate), total = parts.reduce((sum, part) => sum + part.values.length, 0);
  const done = parts.map(() => 0);
  const found = await Promise.all(parts.map((part, place) => {
    const progress = (samples) => {
      done[place] = samples;
      return onProgress(done.reduce((sum, one) => sum + one) / total);
    };
    return place ? inHelper(part, progress) : segmentPart(part, progress);
  }));
  const rows = found.flatMap((part) => part.waves), column = (place, kind, factor = 1) => kind.from(rows, (row) => row[place] * factor);
  const waves = {
    wave: column(0, Uint8Array), onset: column(1, Float64Array, 1 / rate), peak: column(2, Float64Array, 1 / rate),
    offset: column(3, Float64Array, 1 / rate), confidence: column(4, Float32Array), quality: rows.map((row) => QUALITIES[row[5]]),
    r: column(2, Float64Array, 1 / rate), rr: Float64Array.from(rows, (row) => row[6] || NaN),
  };
  return { waves, quality: joined(found.flatMap((part) => part.stretches), rate), ends };
}

/** Stretches in s, in order; those that meet at the border of two parts are one. */
function joined(stretches, rate) {
  const last = {}, quality = [];
  for (const [flag, from, to] of stretches) {
    const reason = REASONS[flag];
    if (last[reason] && last[reason].end >= from / rate) last[reason].end = Math.max(last[reason].end, to / rate);
    else quality.push((last[reason] = { begin: from / rate, end: to / rate, reason }));
  }
  return quality.sort((a, b) => a.begin - b.begin);
}

async function openLead(place, own) {
  const { leads, rate } = recording, { values } = leads[place];
  postMessage({ kind: "signal", place, values, levels: buildPyramid(values) });
  const begin = performance.now();
  const { waves, quality, ends } = await segmentLead(values, rate, (part) => {
    if (own !== request) return false; // another lead was asked for
    postMessage({ kind: "progress", part });
  });
  if (own !== request) return;
  const beats = beatIntervals(waves, quality.filter(({ reason }) => UNUSABLE.includes(reason)), ends);
  postMessage({ kind: "waves", waves, quality, beats, seconds: (performance.now() - begin) / 1000 });
}

async function openRecording(opened, own) {
  const { name, readAs, rate, leads, notes } = opened, samples = leads[0].values.length;
  if (!samples) throw new Error(`${name}: no samples`);
  if (rate < 50 || rate > 4000) throw new Error(`${name}: ${rate} Hz; recordings of 50 to 4000 Hz are read`);
  if (own !== request) return;
  recording = opened;
  postMessage({ kind: "recording", name, readAs, rate, notes, leads: leads.map((lead) => lead.name), samples });
  await openLead(0, own);
}

const REQUESTS = {
  async network(given) {
    program = given.program;
    networkModule = await WebAssembly.compile(given.module);
  },
  files: async ({ files, rate }, own) => openRecording(await readRecording(files, rate), own),
  recording: async ({ given }, own) => openRecording(given, own),
  lead: async ({ place }, own) => openLead(place, own),
  part: async ({ part }) => postMessage({ found: await segmentPart(part, (done) => postMessage({ done })) }),
};

function startWorker() {
  let ready;
  onmessage = async ({ data }) => {
    const own = ++request; // a new request ends the one before
    while (helpers.length) helpers.pop().terminate();
    try {
      if (data.kind === "network") await (ready = REQUESTS.network(data));
      else await Promise.resolve(ready).then(() => REQUESTS[data.kind](data, own));
    } catch (error) {
      if (own === request) postMessage({ kind: "error", message: error.message, asksRate: Boolean(error.asksRate) });
    }
  };
}
