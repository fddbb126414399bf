// The worker reads files and runs the network, so that the page stays responsive. It runs the same script as the page.

let networkModule, recording, current = 0;

/** The WebAssembly module with its functions. `report` receives each wave: kind, onset, offset in samples of the stream. */
async function openNetwork(report) {
  const { exports } = await WebAssembly.instantiate(networkModule, { page: { wave: report } });
  const chunk = new Float32Array(exports.memory.buffer, exports.samples(), exports.capacity());
  return { ...exports, chunk };
}

/** Waves of a lead as columns, or undefined if another lead was asked for meanwhile. */
async function segmentLead(values, rate, onProgress, isCurrent) {
  const rows = [];
  const network = await openNetwork((kind, onset, offset) => rows.push([kind, onset, (onset + offset) / 2, offset, 1]));
  network.start(rate);
  let shown = performance.now();
  for (let begin = 0; begin < values.length; begin += network.chunk.length) {
    const part = values.subarray(begin, begin + network.chunk.length);
    network.chunk.set(part);
    network.push(part.length);
    if (performance.now() > shown + 100) {
      onProgress((begin + part.length) / values.length);
      await new Promise((done) => setTimeout(done)); // lets another request in
      if (!isCurrent()) return;
      shown = performance.now();
    }
  }
  network.finish();
  const column = (place, kind, factor = 1) => kind.from(rows, (row) => row[place] * factor);
  return {
    wave: column(0, Uint8Array), onset: column(1, Float64Array, 1 / rate), peak: column(2, Float64Array, 1 / rate),
    offset: column(3, Float64Array, 1 / rate), confidence: column(4, Float32Array),
  };
}

async function openLead(place) {
  const request = ++current, { leads, rate } = recording, { values } = leads[place];
  const levels = buildPyramid(values);
  postMessage({ kind: "signal", place, values, levels });
  const progress = (part) => postMessage({ kind: "progress", part });
  const begin = performance.now();
  const waves = await segmentLead(values, rate, progress, () => request === current);
  if (!waves) return;
  const quality = [], ends = [0, (values.length - 1) / rate];
  const beats = beatIntervals(waves, quality, ends);
  postMessage({ kind: "waves", place, waves, quality, beats, seconds: (performance.now() - begin) / 1000 });
}

const REQUESTS = {
  async network({ module }) {
    networkModule = await WebAssembly.compile(module);
  },
  async files({ files, rate }) {
    current++;
    recording = await readRecording(files, rate);
    await openRecording();
  },
  async recording({ given }) {
    current++;
    recording = given;
    await openRecording();
  },
  async lead({ place }) {
    await openLead(place);
  },
};

async function openRecording() {
  const { name, readAs, rate, leads, notes } = recording;
  if (!leads[0].values.length) throw new Error(`${name}: no samples`);
  postMessage({ kind: "recording", name, readAs, rate, notes, leads: leads.map((lead) => lead.name), samples: leads[0].values.length });
  await openLead(0);
}

function startWorker() {
  let busy = Promise.resolve();
  onmessage = ({ data }) => {
    // a lead may be asked for while another one is segmented, which then stops; other requests wait their turn
    if (data.kind !== "network") current++;
    busy = busy.then(() => REQUESTS[data.kind](data)).catch((error) => {
      postMessage({ kind: "error", message: error.message, asksRate: Boolean(error.asksRate) });
    });
  };
}
