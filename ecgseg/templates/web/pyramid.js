// Extremes of a signal over bins of growing size, so that a day is drawn as fast as ten seconds.

const FIRST_BIN = 16, GROWTH = 4;

/** Levels { size, low, high }: minimum and maximum of each bin of `size` samples, NaN for a bin without samples. */
function buildPyramid(values) {
  const levels = [];
  for (let size = FIRST_BIN; !levels.length || values.length / size >= 4; size *= GROWTH) {
    const below = levels[levels.length - 1];
    const count = Math.ceil(values.length / size), step = below ? GROWTH : FIRST_BIN;
    const sources = below ? [below.low, below.high] : [values, values];
    const low = new Float32Array(count), high = new Float32Array(count);
    for (let bin = 0; bin < count; bin++) {
      const [least, most] = extremes(sources[0], sources[1], bin * step, Math.min((bin + 1) * step, sources[0].length));
      low[bin] = least;
      high[bin] = most;
    }
    levels.push({ size, low, high });
  }
  return levels;
}

function extremes(lows, highs, begin, end) {
  let least = Infinity, most = -Infinity;
  for (let i = begin; i < end; i++) {
    if (lows[i] < least) least = lows[i];
    if (highs[i] > most) most = highs[i];
  }
  return least <= most ? [least, most] : [NaN, NaN];
}

/** Minimum and maximum from sample `begin` to before `end`, exact but for bins that reach over the ends. */
function rangeOf(values, levels, begin, end) {
  const level = levels.findLast((one) => one.size <= (end - begin) / 2);
  if (!level) return extremes(values, values, Math.max(0, begin), Math.min(values.length, end));
  return extremes(level.low, level.high, Math.max(0, Math.floor(begin / level.size)), Math.min(level.low.length, Math.ceil(end / level.size)));
}

/** Usual height of a heartbeat: the median of the range in bins of about a second. */
function usualHeight(levels, rate) {
  const { low, high } = levels.findLast((level) => level.size <= 1.5 * rate) ?? levels[0];
  const heights = Array.from(low, (least, bin) => high[bin] - least).filter((height) => height > 0);
  return median(heights) || 1;
}
