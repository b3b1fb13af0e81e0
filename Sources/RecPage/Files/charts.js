// Small drawings of numbers as SVG: scales, ticks, axes, lines, intervals; colours come from classes.
import { h, s, replace } from './dom.js';

/** A function from [low, high] to [from, to]. */
export const scale = (low, high, from, to) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

/** Round numbers within [low, high], about `count` of them. */
export function ticks(low, high, count = 5) {
  const raw = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((one) => one * power >= raw) ?? 10);
  const found = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place++) found.push(Number((place * step).toPrecision(10)));
  return found;
}

/** An SVG of the given size that names and describes itself. */
export function drawing(id, width, height, title, description, ...children) {
  return s(`svg.chart#${id}`, { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': `${id}-title`, 'aria-describedby': `${id}-about` },
    s(`title#${id}-title`, null, title), s(`desc#${id}-about`, null, description), children);
}

/**
 * Calls draw(width) for the room there is, and again when it changes: letters keep their size on a phone.
 * Gives { node, again(), end() }.
 */
export function fitting(draw, spec = 'div.chart-box') {
  const node = h(spec);
  let width = 0;
  const again = () => replace(node, draw(width || 640));
  const observer = new ResizeObserver(() => {
    const now = Math.round(node.clientWidth);
    if (now === width || now === 0) return;
    width = now;
    again();
  });
  again();
  observer.observe(node);
  return { node, again, end: () => observer.disconnect() };
}

/**
 * The lines and numbers around a plot. `box` = { left, right, top, bottom } in the drawing's units; x and y are
 * { scale, ticks: [value], text: (value) => string, title }.
 */
export function axes(box, x, y) {
  return s('g.axes', null,
    y.ticks.map((value) => s('line.grid', { x1: box.left, x2: box.right, y1: y.scale(value), y2: y.scale(value) })),
    s('line.axis', { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }),
    x.ticks.map((value) => s('line.axis', { x1: x.scale(value), x2: x.scale(value), y1: box.bottom, y2: box.bottom + 4 })),
    y.ticks.map((value) => label(box.left - 8, y.scale(value) + 4, y.text(value), 'end', 'quiet')),
    x.ticks.map((value) => label(x.scale(value), box.bottom + 18, x.text(value), 'middle', 'quiet')),
    y.title && label(4, 14, y.title, 'start', 'quiet'),
    x.title && label(box.right, box.bottom + 36, x.title, 'end', 'quiet'));
}

export const label = (x, y, text, anchor = 'start', names = '') =>
  s('text', { x, y, 'text-anchor': anchor, class: names || null }, text);

/** A path through points [[x, y], ...]. */
export const line = (points, names) =>
  s('path', { class: `line ${names}`, d: points.map(([x, y], place) => `${place === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') });

/** A bar from low to high with small ends. */
export const interval = (x, low, high, names) =>
  s('path', { class: `interval ${names}`, d: `M${x - 3} ${low}h6M${x - 3} ${high}h6M${x} ${low}V${high}` });

/** Marks differ in shape too, for those who see colours otherwise. */
export function mark(x, y, shape, names) {
  const paths = [`M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`, `M${x - 4} ${y - 4}h8v8h-8z`, `M${x} ${y - 5}l5 5l-5 5l-5 -5z`, `M${x} ${y - 5}l5 9h-10z`];
  return s('path', { class: `mark ${names}`, d: paths[shape % paths.length] });
}

/** Moves heights apart until none is nearer than `gap` to the next; keeps their order and the lower bound. */
export function apart(heights, gap, lowest) {
  const order = heights.map((height, place) => ({ height, place })).sort((a, b) => a.height - b.height);
  for (let place = 1; place < order.length; place++) order[place].height = Math.max(order[place].height, order[place - 1].height + gap);
  let limit = lowest;
  for (const one of order.toReversed()) {
    one.height = Math.min(one.height, limit);
    limit = one.height - gap;
  }
  const moved = [];
  for (const one of order) moved[one.place] = one.height;
  return moved;
}

/** A table that scrolls by itself where it is too wide, reachable by keyboard. rows: nodes or texts; the first of a row is its head. */
export function numbers(caption, heads, rows) {
  return h('div.table-wrap', { role: 'region', tabindex: '0', 'aria-label': caption },
    h('table', null, h('caption.visually-hidden', null, caption),
      h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', null, rows.map(([first, ...rest]) => h('tr', null, h('th', { scope: 'row' }, first), rest.map((cell) => h('td', null, cell)))))));
}
