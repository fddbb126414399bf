// Readers of recordings: text tables, EDF and BDF, WFDB. Each returns { name, readAs, rate, leads, notes };
// a lead is { name, values } in millivolts, with NaN where nothing was recorded.

const TIME_UNITS = { s: 1, sec: 1, seconds: 1, ms: 1e-3, msec: 1e-3, milliseconds: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9, min: 60 };
const [LOWEST_RATE, HIGHEST_RATE] = [20, 50_000]; // Hz, of times whose unit is not stated
const MAX_JITTER = 0.1; // s, of times that are evenly spaced
const DAY = 86_400; // s
const MILLIVOLTS = { v: 1e3, mv: 1, uv: 1e-3, nv: 1e-6 };
const TIME_NAME = /^(t|s|secs?|seconds?|ms|milliseconds?|elapsed|(elapsed |relative |unix )?time ?(stamps?)?|date.*|clock|zeit)$/;
const COUNTER_NAME = /^(|#|index|idx|samples?( ?(#|no|number|index))?|unnamed: 0|n|nr|no|frame|count(er)?|seq|row|id)$/;
const ECG_NAME = /(ecg|ekg)|^(lead |d)?(i{1,3}|av[rlf]|v\d{0,2}r?|m?v[xyz]|ml?i{1,3}|mcl\d?|m[lv]\d|cm\d)$/;

function millivoltsPerUnit(unit) {
  return MILLIVOLTS[unit.trim().toLowerCase().replace(/[µμ]/, "u")];
}

/** Recording in the given files. A file without a rate needs `rate` in Hz; without it, the error has `asksRate`. */
async function readRecording(files, rate) {
  const header = files.find((file) => /\.hea$/i.test(file.name));
  if (header) return readWfdb(header, files);
  const file = files[0];
  if (/\.dat$/i.test(file.name)) {
    throw new Error(`${file.name}: choose the header ${file.name.replace(/\.dat$/i, ".hea")} together with it`);
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length === 0) throw new Error(`${file.name}: the file is empty`);
  const isEdf = /^(0 {7}|\xffBIOSEMI)/.test(latin(bytes, 0, 8));
  return isEdf ? readEdf(bytes, file.name) : readTable(bytes, file.name, rate);
}

function latin(bytes, begin, end) {
  return String.fromCharCode(...bytes.subarray(begin, end));
}

/** Leads that can be ECG, or all if no name says so. */
function ecgOnly(leads) {
  const plain = (name) => name.toLowerCase().replace(/[\s_.-]+/g, " ").trim();
  const named = leads.filter((lead) => ECG_NAME.test(plain(lead.name)));
  return named.length ? named : leads;
}

// ---------------------------------------------------------------------------------------------- text tables

const SEPARATORS = ["\t", ";", ",", "|", " ", ""];
const CELL = { ".": /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i, ",": /^([+-]?\d+(,\d+)?(e[+-]?\d+)?)$/i };
const MISSING = /^(|-{1,3}|\?|\*|\.|-?nan|n\/?a|null|none|-?inf)$/i;
const TIME_OF_DAY = /^\[?(\d{4}-\d\d-\d\d[T ])?\d{1,3}:\d\d(:\d\d([.,]\d+)?)?Z?\]?$/;

function splitCells(line, separator) {
  const cells = separator === " " ? line.trim().split(/\s+/) : separator ? line.split(separator) : [line];
  return cells.map((cell) => cell.trim().replace(/^['"]+|['"]+$/g, "").trim());
}

function isValue(cell, decimal) {
  return CELL[decimal].test(cell) || MISSING.test(cell) || TIME_OF_DAY.test(cell);
}

/** Separator, decimal sign, first line of values and number of columns: what most lines agree with. */
function findLayout(lines, name) {
  let best = { score: 0 };
  for (const separator of SEPARATORS) {
    for (const decimal of separator === "," ? ["."] : [".", ","]) {
      const widths = lines.map((line) => {
        const cells = line.trim() ? splitCells(line, separator) : [];
        return cells.some((cell) => CELL[decimal].test(cell)) && cells.every((cell) => isValue(cell, decimal)) ? cells.length : 0;
      });
      const columns = widths[widths.length - 1] || widths[widths.length - 2] || 0;
      const agreeing = widths.filter((width) => width === columns).length;
      const score = columns ? agreeing + Math.min(columns, 50) / 100 : 0;
      if (score > best.score) best = { score, separator, decimal, columns, first: widths.indexOf(columns) };
    }
  }
  if (!best.score) throw new Error(`${name}: must be a table of numbers, an EDF file or a WFDB record`);
  return best;
}

/** Names and units of the columns, from the lines above the values. */
function findNames(lines, { separator, columns, first }) {
  const rows = [];
  for (let at = first - 1; at >= 0 && rows.length < 2; at--) {
    const cells = splitCells(lines[at].replace(/^\s*(#|%|\/\/)\s*/, ""), separator);
    if (cells.length !== columns) break;
    rows.unshift(cells);
  }
  const isUnit = (cell) => millivoltsPerUnit(cell.replace(/[()[\]]/g, "")) || /^\(?(s|ms|us|seconds|h+:mm.*|)\)?$/i.test(cell);
  if (rows.length === 2 && !rows[1].every(isUnit)) rows.shift();
  const split = (rows[0] ?? Array(columns).fill("")).map((cell) => /^(.*?)\s*(?:[([{](.*)[)\]}]|[\s_/,](s|ms|us|[mµμun]?V))?$/i.exec(cell));
  return split.map(([, name, inBrackets, after], column) => {
    const unit = rows[1]?.[column].replace(/[()[\]]/g, "") || inBrackets || after || "";
    return { name: name || (rows.length ? unit : ""), unit };
  });
}

/** Rate that the lines above the values state, in Hz. */
function statedRate(lines) {
  for (const line of lines) {
    if (/filter|notch|cut-?off|pass\b|bandwidth|mains|heart/i.test(line)) continue;
    const found = /(?:sampl\w*[\s_-]*(?:rate|freq\w*)|\bfs\b|\bfrequency\b)[^\d\n]{0,20}?(\d+(?:\.\d+)?)\s*(k?)/i.exec(line)
      ?? /(\d+(?:\.\d+)?)\s*(k?)hz\b/i.exec(line);
    if (found) return Number(found[1]) * (found[2] ? 1000 : 1);
  }
}

/** Columns of numbers from `offset` on. Times of day become seconds, missing values NaN; any other text is an error. */
function parseColumns(bytes, offset, { separator, decimal, columns, first }, name) {
  const [LF, CR, DECIMAL, QUOTE] = [10, 13, decimal.charCodeAt(0), 34];
  const SEPARATOR = separator ? separator.charCodeAt(0) : -1;
  const table = Array.from({ length: columns }, () => new Float64Array(1 << 16));
  const isEnd = (place) => place >= bytes.length || bytes[place] === LF || bytes[place] === CR;
  const endOf = (place) => {
    while (!isEnd(place)) place++;
    return place;
  };
  let rows = 0, at = offset;
  for (let line = first + 1; at < bytes.length; line++) {
    let column = 0, isEmpty = true;
    const lineBegin = at, isComment = [35, 37].includes(bytes[at]) || (bytes[at] === 47 && bytes[at + 1] === 47); // # % //
    if (isComment) at = endOf(at);
    while (!isEnd(at)) {
      if (separator === " ") while (bytes[at] === 32 || bytes[at] === 9) at++;
      let mantissa = 0, digits = 0, scale = 1, sign = 1, exponent = 0, minutes = 0, isNumber = true, afterPoint = false;
      const begin = at;
      for (; at < bytes.length; at++) {
        const byte = bytes[at];
        if (byte === SEPARATOR || byte === LF || byte === CR || (separator === " " && byte === 9)) break;
        if (byte >= 48 && byte <= 57) {
          mantissa = mantissa * 10 + byte - 48;
          digits++;
          if (afterPoint) scale *= 10;
        } else if (byte === DECIMAL && !afterPoint) afterPoint = true;
        else if (byte === 45 && !digits) sign = -1;
        else if (byte === 58 && digits) {
          minutes = (minutes + mantissa) * 60;
          mantissa = digits = 0;
        } else if ((byte === 84 || byte === 32) && digits) {
          if (bytes[at + 3] === 58 || bytes[at + 2] === 58) mantissa = digits = 0, isNumber = true; // after a date
        } else if ((byte === 69 || byte === 101) && digits) {
          const rest = /^[+-]?\d+/.exec(latin(bytes, at + 1, at + 6));
          if (rest) exponent = Number(rest[0]), at += rest[0].length;
          else isNumber = false;
        } else if (byte === 45) mantissa = digits = 0; // of a date
        else if (byte !== 32 && byte !== 43 && byte !== QUOTE && byte !== 39 && byte !== 91 && byte !== 93 && byte !== 90) isNumber = false;
      }
      if (at > begin) {
        isEmpty = false;
        const cell = () => latin(bytes, begin, Math.min(at, begin + 40)).replace(/['"]/g, "").trim();
        if (column >= columns || !((digits && isNumber) || MISSING.test(cell()))) {
          const text = new TextDecoder().decode(bytes.subarray(lineBegin, Math.min(endOf(lineBegin), lineBegin + 60)));
          throw new Error(`${name}: must be a table of numbers, but line ${line} is '${text}'`);
        }
      }
      if (column < columns) {
        const value = sign * (minutes + mantissa / scale);
        table[column][rows] = digits && isNumber ? (exponent ? value * 10 ** exponent : value) : NaN;
      }
      column++;
      if (bytes[at] === SEPARATOR || (separator === " " && bytes[at] === 9)) isEmpty = false, at++;
    }
    if (bytes[at] === CR && bytes[at + 1] === LF) at++;
    at++;
    if (isEmpty) continue;
    for (; column < columns; column++) table[column][rows] = NaN;
    if (++rows === table[0].length) {
      for (let c = 0; c < columns; c++) {
        const longer = new Float64Array(2 * rows);
        longer.set(table[c]);
        table[c] = longer;
      }
    }
  }
  return table.map((values) => values.subarray(0, rows));
}

function rateError(message) {
  return Object.assign(new Error(message), { asksRate: true });
}

function plainName(name) {
  return name.toLowerCase().replace(/[\s_.-]+/g, " ").trim();
}

/** Whether a column holds times: by its name or unit, or as the first one, without a name, by its values. */
function isTime({ name, unit }, values, mayBeUnnamed) {
  if (TIME_NAME.test(plainName(name)) || TIME_UNITS[unit.toLowerCase()]) return true;
  const isShort = values[values.length - 1] - values[0] < 0.1 * (values.length - 1);
  return mayBeUnnamed && !plainName(name) && isShort && values.every((value, at) => !at || value > values[at - 1]);
}

/** Times of a column in s. Throws if their unit is unclear. */
function inSeconds({ name, unit }, values, source) {
  const step = (values[values.length - 1] - values[0]) / (values.length - 1), told = TIME_UNITS[(unit || plainName(name)).toLowerCase()];
  if (!told && step === 1 && values[0] < 1e9) { // from then on, these are Unix times
    throw rateError(`${source}: column '${name}' counts 1, 2, 3 …: either milliseconds or sample numbers; enter the sampling rate`);
  }
  const factor = told ?? [1, 1e-3, 1e-6, 1e-9].find((one) => step * one <= 1 / LOWEST_RATE && step * one >= 1 / HIGHEST_RATE) ?? 1;
  let midnight = 0, before = NaN;
  return values.map((value) => {
    if (factor * value + midnight < before - DAY / 2) midnight += DAY;
    const time = factor * value + midnight;
    if (!Number.isNaN(time)) before = time;
    return time;
  });
}

/** Sampling rate of evenly spaced times in s, NaN in empty rows. Throws for times that do not ascend or have gaps. */
function rateOf(times, source) {
  const rows = new Float64Array(times.length).map((_, row) => row).filter((row) => !Number.isNaN(times[row]));
  const first = times[rows[0]], last = times[rows[rows.length - 1]];
  const steps = rows.slice(1).map((row, at) => (times[row] - times[rows[at]]) / (row - rows[at])), longest = steps.reduce((a, b) => Math.max(a, b), 0);
  if (!(last > first) || steps.some((step) => step < -MAX_JITTER)) {
    throw rateError(`${source}: the time column must contain at least two ascending times; enter the sampling rate`);
  }
  const mean = (values, of) => values.reduce((sum, value) => sum + of(value), 0) / values.length;
  const row = mean(rows, (one) => one), time = mean(rows, (one) => times[one]);
  const step = mean(rows, (one) => (one - row) * (times[one] - time)) / mean(rows, (one) => (one - row) ** 2); // of the line through them
  const jitter = rows.reduce((most, one) => Math.max(most, Math.abs(times[one] - time - step * (one - row))), 0);
  const rising = steps.filter((one) => one > 0).sort(), usual = rising[Math.floor(0.9 * (rising.length - 1))]; // from packet to packet
  if (jitter > 0.5 * step && (longest > 1.9 * usual || jitter > Math.max(MAX_JITTER, 1.5 * usual))) {
    const at = Number(times[rows[steps.indexOf(longest)]].toFixed(3));
    throw rateError(`${source}: the time column is not evenly spaced (largest step ${Number(longest.toPrecision(4))} s at ${at} s); ` +
      "fill gaps with empty rows, or enter the sampling rate");
  }
  const whole = Math.round(1 / step), samples = rows[rows.length - 1] - rows[0];
  return whole && Math.abs((last - first) * whole - samples) <= Math.max(0.5, (2 * jitter) / step) ? whole : 1 / step;
}

function isCounter({ name }, values) {
  const steps = values.length > 20 && values.every((value, at) => !at || value === values[at - 1] + 1);
  return steps && COUNTER_NAME.test(name.toLowerCase().trim());
}

function readTable(bytes, name, rate) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) bytes = new TextEncoder().encode(new TextDecoder("utf-16le").decode(bytes));
  if (bytes[0] === 0xef && bytes[1] === 0xbb) bytes = bytes.subarray(3);
  const head = bytes.subarray(0, 1 << 16);
  if (head.includes(0)) throw new Error(`${name}: must be a table of numbers, an EDF file or a WFDB record`);
  const isLatin = head.some((byte) => byte > 127) && new TextDecoder().decode(head.subarray(0, -4)).includes("\ufffd");
  const text = new TextDecoder(isLatin ? "latin1" : "utf-8").decode(head);
  const lines = text.split(/\r\n|\n|\r/);
  if (head.length < bytes.length || !lines[lines.length - 1].trim()) lines.pop();
  const layout = findLayout(lines, name);
  let offset = 0;
  for (let line = 0; line < layout.first; offset++) {
    if (bytes[offset] === 10 || (bytes[offset] === 13 && bytes[offset + 1] !== 10)) line++;
  }
  const described = findNames(lines, layout);
  const columns = parseColumns(bytes, offset, layout, name);
  const leads = [];
  let timed, failure;
  columns.forEach((values, place) => {
    if (isTime(described[place], values, place === 0 && columns.length > 1)) {
      try {
        timed ??= rateOf(inSeconds(described[place], values, name), name);
      } catch (error) {
        failure ??= error;
      }
    } else if (!isCounter(described[place], values) && values.some((value) => !Number.isNaN(value))) {
      const factor = millivoltsPerUnit(described[place].unit) ?? 1;
      leads.push({ name: described[place].name || `column ${place + 1}`, values: Float32Array.from(values, (value) => value * factor) });
    }
  });
  if (!leads.length) throw new Error(`${name}: no column of numbers besides times`);
  rate ||= timed ?? statedRate(lines.slice(0, layout.first));
  if (!rate) throw failure ?? rateError(`${name}: the file does not give its sampling rate`);
  return { name, readAs: "text table", rate, leads: ecgOnly(leads), notes: [] };
}

// ---------------------------------------------------------------------------------------------- EDF and BDF

const EDF_FIELDS = [["label", 16], ["transducer", 80], ["unit", 8], ["physicalMin", 8], ["physicalMax", 8],
  ["digitalMin", 8], ["digitalMax", 8], ["filter", 80], ["perRecord", 8]];

/** Samples of one signal of an EDF or BDF file, in physical units. */
function edfValues(bytes, signal, { dataOffset, records, recordBytes, width }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const gain = (signal.physicalMax - signal.physicalMin) / (signal.digitalMax - signal.digitalMin) * signal.factor;
  const zero = signal.physicalMin * signal.factor - gain * signal.digitalMin;
  const values = new Float32Array(records * signal.perRecord);
  for (let record = 0, place = 0; record < records; record++) {
    let at = dataOffset + record * recordBytes + signal.offset;
    for (let i = 0; i < signal.perRecord; i++, at += width) {
      const digital = width === 2 ? view.getInt16(at, true) : (view.getInt8(at + 2) << 16) | view.getUint16(at, true);
      values[place++] = gain * digital + zero;
    }
  }
  return values;
}

/** Values with NaN between data records that do not follow each other, as their annotations say. */
function withGaps(values, perRecord, starts, rate) {
  const places = starts.map((start) => Math.round((start - starts[0]) * rate));
  const placed = new Float32Array(places[places.length - 1] + perRecord).fill(NaN);
  places.forEach((place, record) => placed.set(values.subarray(record * perRecord, (record + 1) * perRecord), place));
  return placed;
}

function readEdf(bytes, name) {
  const damaged = (why) => new Error(`${name}: EDF file is truncated or invalid (${why})`);
  const text = (begin, length) => latin(bytes, begin, begin + length).trim();
  const width = bytes[0] === 0xff ? 3 : 2;
  const count = Number(text(252, 4)), duration = Number(text(244, 8)), dataOffset = Number(text(184, 8));
  if (!(count > 0) || dataOffset !== 256 * (count + 1) || bytes.length < dataOffset) throw damaged("header");
  const fields = {};
  let column = 256, recordBytes = 0;
  for (const [key, length] of EDF_FIELDS) {
    const begin = column;
    fields[key] = Array.from({ length: count }, (_, i) => text(begin + i * length, length));
    column += count * length;
  }
  const signals = fields.label.map((label, i) => {
    const signal = { label, unit: fields.unit[i], offset: recordBytes, factor: millivoltsPerUnit(fields.unit[i]) ?? 1 };
    for (const key of ["physicalMin", "physicalMax", "digitalMin", "digitalMax", "perRecord"]) signal[key] = Number(fields[key][i]);
    recordBytes += width * signal.perRecord;
    return signal;
  });
  const told = Number(text(236, 8)), whole = Math.floor((bytes.length - dataOffset) / recordBytes), records = told >= 0 ? Math.min(told, whole) : whole;
  if (!(records > 0)) throw damaged("no data records");
  const isAnnotation = (signal) => /^(EDF|BDF) Annotations$/.test(signal.label);
  const layout = { dataOffset, records, recordBytes, width };
  const usable = signals.filter((signal) => !isAnnotation(signal) && signal.digitalMax > signal.digitalMin && signal.perRecord / duration >= 50);
  if (!usable.length) throw new Error(`${name}: no signal of at least 50 Hz`);
  const chosen = ecgOnly(usable.map((signal) => ({ name: signal.label, signal })));
  const perRecord = chosen[0].signal.perRecord, rate = perRecord / duration;
  const same = chosen.filter(({ signal }) => signal.perRecord === perRecord);
  const notes = chosen.length > same.length ? [`leads of other rates than ${rate} Hz are left out`] : [];
  if (told > records) notes.push(`the file ends after ${records} of ${told} data records`);
  const keeper = /\+D/.test(text(192, 44)) ? signals.find(isAnnotation) : undefined;
  const starts = keeper && Array.from({ length: records }, (_, record) => {
    const begin = dataOffset + record * recordBytes + keeper.offset;
    const found = /^[+-]\d+(\.\d*)?/.exec(latin(bytes, begin, begin + 24));
    if (!found) throw damaged(`data record ${record + 1} has no time`);
    return Number(found[0]);
  });
  const leads = same.map(({ signal, name }) => {
    const values = edfValues(bytes, signal, layout);
    return { name, values: starts ? withGaps(values, perRecord, starts, rate) : values };
  });
  return { name, readAs: width === 3 ? "BDF file" : "EDF file", rate, leads, notes };
}

// ---------------------------------------------------------------------------------------------- WFDB records

/** Digital samples of a signal file, all signals in turn. `-32768`, or the lowest value of a format, is missing. */
const WFDB_FORMATS = {
  8: { missing: NaN, read: differences },
  16: { missing: -32768, read: (bytes) => words(bytes, 2, (view, at) => view.getInt16(at, true)) },
  61: { missing: -32768, read: (bytes) => words(bytes, 2, (view, at) => view.getInt16(at, false)) },
  80: { missing: -128, read: (bytes) => Int16Array.from(bytes, (byte) => byte - 128) },
  24: { missing: -(2 ** 23), read: (bytes) => words(bytes, 3, (view, at) => (view.getInt8(at + 2) << 16) | view.getUint16(at, true)) },
  32: { missing: -(2 ** 31), read: (bytes) => words(bytes, 4, (view, at) => view.getInt32(at, true)) },
  212: { missing: -2048, read: twelveBits },
};

function words(bytes, width, get) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Int32Array(Math.floor(bytes.length / width));
  for (let i = 0; i < values.length; i++) values[i] = get(view, i * width);
  return values;
}

function twelveBits(bytes) {
  const values = new Int16Array(Math.floor(bytes.length / 3) * 2 + (bytes.length % 3 === 2 ? 1 : 0));
  for (let i = 0, at = 0; i < values.length; i += 2, at += 3) {
    values[i] = ((bytes[at + 1] & 15) << 28 >> 20) | bytes[at];
    if (i + 1 < values.length) values[i + 1] = ((bytes[at + 1] & 240) << 24 >> 20) | bytes[at + 2];
  }
  return values;
}

/** Format 8: first differences of each signal. */
function differences(bytes, signals) {
  const values = new Int32Array(bytes.length), last = signals.map((signal) => signal.initial);
  for (let i = 0; i < bytes.length; i++) values[i] = last[i % last.length] += bytes[i] << 24 >> 24;
  return values;
}

/** Signals that a header describes. */
function parseWfdbHeader(text, name) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() && !line.trim().startsWith("#"));
  const [record, count, rate, samples] = (lines[0] ?? "").trim().split(/\s+/);
  if (!/^\d+$/.test(count ?? "")) throw new Error(`${name}: not a WFDB header`);
  if (record.includes("/")) throw new Error(`${name}: records of several segments are not read here; open one of its segments`);
  const signals = lines.slice(1, 1 + Number(count)).map((line) => {
    const [file, format, gain = "200", , zero = "0", initial = "0", , , ...description] = line.trim().split(/\s+/);
    const [, kind, perFrame = "1", offset = "0"] = /^(\d+)(?:x(\d+))?(?::\d+)?(?:\+(\d+))?/.exec(format) ?? [];
    const [, size, baseline, unit = "mV"] = /^([\d.eE+-]+)(?:\((-?\d+)\))?(?:\/(\S+))?/.exec(gain) ?? [];
    if (!WFDB_FORMATS[kind]) throw new Error(`${name}: format ${format} is not read here; formats 8, 16, 24, 32, 61, 80 and 212 are`);
    return {
      file, kind, unit, perFrame: Number(perFrame), offset: Number(offset), initial: Number(initial),
      gain: Number(size) || 200, zero: Number(baseline ?? zero), name: description.join(" "),
    };
  });
  if (!signals.length) throw new Error(`${name}: describes no signals`);
  return { rate: Number.parseFloat(rate) || undefined, samples: Number(samples) || undefined, signals };
}

async function readWfdb(header, files) {
  const { rate = 250, rate: told, samples, signals } = parseWfdbHeader(await header.text(), header.name);
  const leads = [];
  for (const fileName of new Set(signals.map((signal) => signal.file))) {
    const file = files.find((other) => other.name === fileName);
    if (!file) throw new Error(`${header.name}: choose ${fileName} together with it`);
    const own = signals.filter((signal) => signal.file === fileName);
    const { read, missing } = WFDB_FORMATS[own[0].kind];
    const digital = read(new Uint8Array(await file.arrayBuffer()).subarray(own[0].offset), own);
    const frame = own.reduce((sum, signal) => sum + signal.perFrame, 0);
    const stored = Math.floor(digital.length / frame), frames = Math.min(stored, samples ?? stored);
    if (samples > stored) throw new Error(`${fileName}: the file is truncated: it has ${stored} of the ${samples} samples in ${header.name}`);
    let first = 0;
    for (const signal of own) {
      const { perFrame, gain, zero } = signal, factor = (millivoltsPerUnit(signal.unit) ?? 1) / gain;
      const values = new Float32Array(frames * perFrame);
      for (let i = 0; i < frames; i++) {
        for (let k = 0; k < perFrame; k++) {
          const sample = digital[i * frame + first + k];
          values[i * perFrame + k] = sample === missing ? NaN : (sample - zero) * factor;
        }
      }
      first += perFrame;
      leads.push({ name: signal.name || `signal ${leads.length + 1}`, values, perFrame });
    }
  }
  const chosen = ecgOnly(leads), perFrame = chosen[0].perFrame;
  const same = chosen.filter((lead) => lead.perFrame === perFrame);
  const notes = chosen.length > same.length ? [`leads of other rates than ${rate * perFrame} Hz are left out`] : [];
  if (!told) notes.push("the header gives no sampling rate: 250 Hz, by the standard");
  return { name: header.name.replace(/\.hea$/i, ""), readAs: "WFDB record", rate: rate * perFrame, leads: same, notes };
}
