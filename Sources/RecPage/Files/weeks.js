// MAP@12 over weeks, drawn: a model against its baselines with 95 % intervals, and the same in words and numbers.
import { apart, axes, drawing, fitting, interval, label, line, mark, numbers, scale, ticks } from './charts.js';
import { h, s } from './dom.js';
import { day, figure, number, plural } from './format.js';
import { empty } from './problem.js';

const HEIGHT = 320;
/** Below this many pixels the names stand under the chart. */
const NARROW = 560;
/** Lines with a colour of their own. */
const STRONG = 4;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayAndMonth = (iso) => `${Number(iso.slice(8, 10))} ${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}`;

/** { node, end() } for one model of /page/data/models. */
export function weeksOf(model) {
  const weeks = model.judgement?.weeks ?? [];
  if (weeks.length === 0) {
    return { node: empty('This version was not judged.', 'Nobody measured it on weeks it had not seen, so there is no curve to show. It can be served all the same.'), end() {} };
  }
  // The model first, as the server tells it, then what comes nearest to it in the newest week.
  const newest = weeks.at(-1), mine = newest.rows[0]?.name;
  const names = [...new Set(weeks.flatMap((week) => week.rows.map((row) => row.name)))];
  const height = (name) => (name === mine ? Infinity : rowOf(newest, name)?.map12 ?? -1);
  names.sort((a, b) => height(b) - height(a));
  const fit = fitting((width) => draw(model, weeks, names, width));
  return { node: h('div', null, h('p', null, verdict(weeks, mine, model.judgement.days)), fit.node, table(weeks, names)), end: fit.end };
}

/** Hold-outs of data without times have no last day: they are told by their number. */
const nameOf = (weeks, place) => (weeks[place].end ? day(weeks[place].end) : `hold-out ${place + 1}`);

const rowOf = (week, name) => week.rows.find((row) => row.name === name);
const range = (row) => `${figure(row.low, 3)} to ${figure(row.high, 3)}`;

/** What the newest week says, with what it does not say. */
function verdict(weeks, name, days) {
  const week = weeks.at(-1);
  const mine = rowOf(week, name);
  const others = week.rows.filter((row) => row.name !== name).sort((a, b) => b.map12 - a.map12);
  // A window may be shorter than asked for, where little happened or the data are young.
  const long = week.days ?? days ?? 7;
  const span = days === 7 && (long === 6 || long === 7) ? 'week' : plural(long, 'day');
  const alone = !week.end ? 'this alone does' : span === 'week' ? 'this week alone does' : long === 1 ? 'this day alone does' : `these ${span} alone do`;
  const which = week.end ? `the newest ${long === 1 ? 'day' : span}, up to ${day(week.end)}` : 'purchases picked by chance';
  if (!mine) return `Measured on ${which}.`;
  const start = `On ${which}, the model reaches ${figure(mine.map12)} over ${plural(week.customers, 'customer')} (95 % interval ${range(mine)}).`;
  if (others.length === 0) return start;
  const best = others[0];
  const against = ` The best of the other lists, “${best.name}”, reaches ${figure(best.map12)} (${range(best)}).`;
  if (mine.low > best.high) return `${start}${against} The intervals do not meet: the lead is hardly luck.`;
  if (mine.high < best.low) return `${start}${against} The other list is better, and hardly by luck.`;
  return `${start}${against} The intervals overlap: ${alone} not tell which one is better.`;
}

function draw(model, weeks, names, width) {
  const rows = weeks.flatMap((week) => week.rows);
  const low = Math.min(...rows.map((row) => row.low));
  const high = Math.max(...rows.map((row) => row.high));
  // From zero, unless that would press all that differs into a thin strip.
  const floor = low < high * 0.6 ? 0 : low - (high - low) * 0.15;
  const isNarrow = width < NARROW;
  const room = isNarrow ? 14 : Math.max(...names.map((name) => name.length)) * 7 + 18;
  const box = { left: 52, right: width - room, top: 32, bottom: HEIGHT - 46 };
  const y = scale(floor, high + (high - floor) * 0.04, box.bottom, box.top);
  // The first few have colours and intervals, side by side; the others are thin lines.
  const strong = Math.min(names.length, STRONG);
  const dodge = strong > 1 ? 7 : 0;
  const inset = 12 + (dodge * (strong - 1)) / 2;
  const x = scale(0, weeks.length - 1, box.left + inset, box.right - inset);
  const middle = (box.left + box.right) / 2;
  const at = (week, series) => (weeks.length === 1 ? middle : x(week)) + (series < strong ? (series - (strong - 1) / 2) * dodge : 0);
  const style = (place) => `series-${Math.min(place, STRONG)}`;
  // As many dates as have room.
  const every = Math.ceil(weeks.length / Math.max(1, Math.floor((box.right - box.left) / 56)));
  const dates = weeks.map((_, place) => place).filter((place) => (weeks.length - 1 - place) % every === 0);
  const marks = ticks(floor, high, 5);
  const digits = marks.length > 1 && marks[1] - marks[0] < 0.0099 ? 3 : 2;

  const series = names.map((name, place) => ({
    name, place,
    points: weeks.map((week, number) => ({ row: rowOf(week, name), x: at(number, place) })).filter((point) => point.row),
  }));
  const ends = apart(series.map((one) => y(one.points.at(-1).row.map12) + 4), 16, box.bottom);
  const nameAt = (one) => (isNarrow ? [box.left + 18, HEIGHT + 8 + 18 * one.place] : [box.right + 6, ends[one.place]]);
  const year = weeks.at(-1).end?.slice(0, 4);
  return drawing('weeks', width, HEIGHT + (isNarrow ? 18 * names.length + 8 : 0), `MAP@12 over ${plural(weeks.length, 'window')}, version ${model.version}`,
    series.map((one) => `${one.name}: from ${figure(one.points[0].row.map12)} to ${figure(one.points.at(-1).row.map12)}.`).join(' ') + ' The table below holds all numbers.',
    axes(box, { scale: (place) => (weeks.length === 1 ? middle : x(place)), ticks: dates, text: (place) => (weeks[place].end ? dayAndMonth(weeks[place].end) : String(place + 1)), title: year ? `last day of each window, ${year}` : 'hold-out' },
      { scale: y, ticks: marks, text: (value) => figure(value, digits), title: '↑ MAP@12, higher is better' }),
    // Baselines first: the model lies on top.
    series.toReversed().map((one) => s('g', null,
      one.points.length > 1 && line(one.points.map((point) => [point.x, y(point.row.map12)]), style(one.place)),
      one.place < STRONG && one.points.map((point) => interval(point.x, y(point.row.high), y(point.row.low), style(one.place))),
      (one.place < STRONG || one.points.length === 1) && one.points.map((point) => mark(point.x, y(point.row.map12), one.place, style(one.place))),
      isNarrow && mark(box.left + 6, nameAt(one)[1] - 4, one.place, style(one.place)),
      label(...nameAt(one), one.name, 'start', `named ${style(one.place)}`))));
}

const table = (weeks, names) => h('details', null, h('summary', null, 'The numbers'),
  numbers('MAP@12 by window, with 95 % intervals over customers', ['Window to', 'Customers', ...names],
    weeks.map((week, place) => [nameOf(weeks, place), number(week.customers), ...names.map((name) => {
      const row = rowOf(week, name);
      return row ? [figure(row.map12), h('span.muted.range', null, ` ${range(row)}`)] : 'none';
    })])), about(names));

/** What the other lists are, for those that the server knows by these names. */
const others = {
  'popular, all time': 'what was taken most', 'popular, last week': 'what was taken most in the week before',
  'own history, then popular last week': 'what somebody took before, then what was popular', 'item kNN (cosine)': 'what is taken by the same people',
  'random walk (P3)': 'where a walk from a person’s items over other people leads', 'item regression (EDLAE)': 'a regression of each item on all others',
  'factors alone (iALS)': 'taste alone, without the other parts of the model', random: 'anything',
};
const about = (names) => h('dl.other-lists', null, names.filter((name) => others[name]).map((name) => h('div', null, h('dt', null, name), h('dd', null, others[name]))));
