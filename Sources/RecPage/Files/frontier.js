// The frontier drawn: what is discovered against what is kept of MAP@12, and where the dial stands on it.
import { axes, drawing, fitting, label, line, mark, numbers, scale, ticks } from './charts.js';
import { h, s } from './dom.js';
import { figure, percent } from './format.js';

const HEIGHT = 300;
const share = (loss) => percent(loss, (100 * loss) % 1 > 0.01 ? 1 : 0);
const limitWords = (loss) => `training lets chance cost at most ${share(loss)} of MAP@12`;

/** { node, about, table, move(step), end() } for a ladder of policies. */
export function frontier(dial) {
  let now = null;
  let here = null;
  const draw = dial.calibrated ? measured : unmeasured;
  const fit = fitting((width) => {
    const { svg, place } = draw(dial, width);
    here = s('circle.now', { r: 8 });
    here.place = place;
    svg.append(here);
    put();
    return svg;
  });
  function put() {
    if (!now) return;
    const [x, y] = here.place(now);
    here.setAttribute('cx', x.toFixed(1));
    here.setAttribute('cy', y.toFixed(1));
  }
  return {
    node: fit.node,
    about: h('p.muted', null, dial.calibrated
      ? 'Each small dot is a policy that was measured on people kept aside in training. Further right finds more; further down sells less. The large dot is the dial. '
        + `The dashed line: ${limitWords(dial.loss)}.`
      : 'There is no curve for this model, because its training did not measure one. The large dot shows how much chance the dial allows.'),
    table: dial.calibrated && details(dial),
    move(step) { now = step; put(); },
    end: fit.end,
  };
}

function measured({ steps, loss }, width) {
  const points = steps.filter((step) => step.measured);
  const box = { left: 52, right: width - 14, top: 48, bottom: HEIGHT - 44 };
  const [tails, kept] = [points.map((point) => point.tail), [...points.map((point) => point.kept), 1 - loss, 1]];
  const x = spread(Math.min(...tails), Math.max(...tails), box.left, box.right, width < 420 ? 4 : 7);
  const y = spread(Math.min(...kept), Math.max(...kept), box.bottom, box.top, 5);
  const place = (step) => [x.scale(step.tail), y.scale(step.kept)];
  const limit = y.scale(1 - loss);
  const words = width < 480 ? `limit of training: ${share(loss)}` : limitWords(loss);
  // The curve falls through the line: free of it are the room above to its right and the room below to its left.
  const inside = points.filter((point) => point.kept >= 1 - loss);
  const crossing = x.scale(Math.max(...inside.map((point) => point.tail), x.low));
  const above = inside.length < points.length && box.right - crossing > crossing - box.left;
  const [first, end] = [points[0], points.at(-1)];
  const svg = drawing('frontier', width, HEIGHT, 'What discovering costs',
    `${points.length} measured policies. The first, ${first.policy}, keeps ${percent(first.kept)} of MAP@12 with ${percent(first.tail)} of the places outside the head; `
      + `the last, ${end.policy}, keeps ${percent(end.kept)} with ${percent(end.tail)}. A line at ${percent(1 - loss, 1)} shows how far training goes.`,
    axes(box, { ...x, title: 'places that show items outside the head →' }, { ...y, title: '↑ MAP@12 kept, of greedy’s' }),
    s('line.limit', { x1: box.left, x2: box.right, y1: limit, y2: limit }),
    above ? label(box.right, limit - 7, words, 'end', 'limit-text') : label(box.left + 6, limit + 16, words, 'start', 'limit-text'),
    line(points.map(place), 'series-0'),
    points.map((point) => mark(...place(point), 0, 'series-0 small')));
  return { svg, place };
}

/** Only the strength of chance, on a line: no more is known. */
function unmeasured({ steps }, width) {
  const height = 110;
  const [left, right] = [24, width - 24];
  const x = scale(0, steps.length - 1, left, right);
  const place = (step) => [x(steps.indexOf(step)), 44];
  const svg = drawing('frontier', width, height, 'How much chance the dial allows',
    `Temperatures from ${steps[0].temperature} to ${steps.at(-1).temperature} nats. What they cost was not measured for this model.`,
    line([[left, 44], [right, 44]], 'series-0'),
    steps.map((step) => mark(...place(step), 0, 'series-0 small')),
    steps.map((step) => label(place(step)[0], 74, String(step.temperature), 'middle', 'quiet')),
    label(right, 100, 'temperature in nats →', 'end', 'quiet'));
  return { svg, place };
}

/** A scale of percents with a little air at both ends. */
function spread(low, high, from, to, count) {
  const air = Math.max(0.005, (high - low) * 0.06);
  const [start, end] = [Math.max(0, low - air), high + air];
  const found = ticks(start, end, count);
  const digits = found.length > 1 && found[1] - found[0] < 0.0099 ? 1 : 0;
  return { low, scale: scale(start, end, from, to), ticks: found, text: (value) => percent(value, digits) };
}

const details = ({ steps }) => h('details', null, h('summary', null, 'The numbers'),
  numbers('Measured policies, from selling to discovering', ['Policy', 'MAP@12', 'Kept', 'Outside the head'],
    steps.filter((step) => step.measured).map((step) => [
      h('code', null, step.policy), Number.isFinite(step.map12) ? figure(step.map12) : 'not told', percent(step.kept, 1), percent(step.tail, 1)])));
