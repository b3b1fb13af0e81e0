// Words for patterns become cloth: stripes, checks, dots, prints, lace, denim and more.
import { s } from './dom.js';
import { mix, isDark } from './colours.js';

const path = (d, stroke, width, more) => s('path', { d, stroke, 'stroke-width': width, fill: 'none', ...more });
const dot = (cx, cy, r, fill, more) => s('circle', { cx, cy, r, fill, ...more });

/** A second colour that is seen on the first, and one that goes with it. */
const pale = (colour) => (isDark(colour) ? mix(colour, '#ffffff', 0.72) : mix(colour, '#ffffff', 0.62));
const seen = (colour) => (isBright(colour) ? mix(colour, '#1d2530', 0.55) : pale(colour));
const isBright = (colour) => !isDark(mix(colour, '#000000', 0.5));
const partners = ['#e4572e', '#2e86ab', '#f3a712', '#4f8a5b', '#a23b72', '#1d3557'];

/* Each: the words, the size of its tile, its parts. */
const weaves = [
  [/stripe/, 12, (c) => [s('rect', { width: 12, height: 5, fill: seen(c) })]],
  [/argyle/, 24, (c) => [s('path', { d: 'M12 0L24 12L12 24L0 12Z', fill: seen(c), opacity: 0.6 }), path('M0 0L24 24M24 0L0 24', seen(c), 0.9)]],
  [/check|tartan|plaid/, 18, (c) => [s('rect', { width: 18, height: 7, fill: seen(c), opacity: 0.5 }), s('rect', { width: 7, height: 18, fill: seen(c), opacity: 0.5 }), path('M0 12.500H18M12.500 0V18', seen(c), 1)]],
  [/dot/, 13, (c) => [dot(3.5, 3.5, 2.4, seen(c)), dot(10, 10, 2.4, seen(c))]],
  [/all over/, 26, (c, seed) => [[7, 7], [20, 19]].flatMap(([x, y], at) => {
    const petal = at ? partners[seed % 6] : seen(c);
    return [[0, -3.4], [3.2, -1], [2, 2.8], [-2, 2.8], [-3.2, -1]].map(([dx, dy]) => dot(x + dx, y + dy, 2.1, petal)).concat(dot(x, y, 1.7, '#f6d365'));
  }).concat(path('M17 5q5-3 7 1q-4 3-7-1M4 21q1-5 5-5q0 5-5 5', 'none', 0, { fill: mix(seen(c), '#4f8a5b', 0.5) }))],
  [/melange|neps|slub/, 9, (c) => [path('M1 2l2 1M5 6l2-1M7 1l1 1M2 7l1 1M4 3.500l1.500 .5', seen(c), 0.8, { opacity: 0.75 })]],
  [/denim|chambray/, 5, (c) => [path('M-1 6L6 -1M-1 1L1 -1M4 6L6 4', pale(c), 0.8, { opacity: 0.55 })]],
  [/lace|crochet/, 12, (c) => [dot(6, 6, 3.6, 'none', { stroke: seen(c), 'stroke-width': 0.9 }), dot(6, 6, 1.2, seen(c)), path('M0 6H2.400M9.600 6H12M6 0V2.400M6 9.600V12', seen(c), 0.9), dot(0, 0, 1.6, seen(c)), dot(12, 0, 1.6, seen(c)), dot(0, 12, 1.6, seen(c)), dot(12, 12, 1.6, seen(c))]],
  [/mesh|transparent/, 5, (c) => [path('M0 0L5 5M5 0L0 5', seen(c), 0.6, { opacity: 0.8 })]],
  [/sequin/, 8, (c) => [dot(4, 4, 3.2, mix(c, '#ffffff', 0.25)), dot(3, 3, 1, '#ffffff', { opacity: 0.9 }), dot(0, 0, 2.6, mix(c, '#000000', 0.2)), dot(8, 8, 2.6, mix(c, '#000000', 0.2))]],
  [/glitter|metallic|hologram/, 16, (c) => [path('M4 1V7M1 4H7M12 9.500V14.500M9.500 12H14.500', mix(c, '#ffffff', 0.8), 1), dot(12, 4, 0.9, '#fff'), dot(4, 12, 0.9, '#fff')]],
  [/jacquard/, 14, (c) => [s('path', { d: 'M7 1L11 7L7 13L3 7Z', fill: seen(c), opacity: 0.45 }), dot(0, 0, 1.6, seen(c), { opacity: 0.6 }), dot(14, 14, 1.6, seen(c), { opacity: 0.6 }), dot(14, 0, 1.6, seen(c), { opacity: 0.6 }), dot(0, 14, 1.6, seen(c), { opacity: 0.6 })]],
  [/structure|treatment|rib/, 5, (c) => [path('M1 0V5', seen(c), 0.9, { opacity: 0.45 })]],
];

/** { fill, defs?, print?, seam?, trim?, sheer? }: `fill` lies on the plain colour. */
export function cloth(text, colour, id, seed) {
  const words = text.toLowerCase(), extra = {};
  if (/print|application|3d|embroider/.test(words)) extra.print = /embroider|application/.test(words) ? 'flower' : 'any';
  if (/denim/.test(words)) extra.seam = '#e0a552';
  if (/mesh|transparent/.test(words)) extra.sheer = true;
  if (/contrast|mixed/.test(words)) extra.trim = partners[seed % 6];
  if (/block/.test(words)) {
    const other = partners[seed % 6];
    return { fill: `url(#${id})`, defs: s('pattern', { id, width: 120, height: 120, patternUnits: 'userSpaceOnUse' }, s('rect', { y: 54, width: 120, height: 18, fill: mix(colour, '#ffffff', 0.85) }), s('rect', { y: 72, width: 120, height: 48, fill: other })) };
  }
  const weave = weaves.find(([known]) => known.test(words));
  if (!weave) return { fill: colour, ...extra };
  const [, size, parts] = weave;
  return { fill: `url(#${id})`, defs: s('pattern', { id, width: size, height: size, patternUnits: 'userSpaceOnUse' }, parts(colour, seed)), ...extra };
}

/** A print on the front: one of six figures, by the item's id. */
export function motif(seed, colour, [x, y], which) {
  const first = seen(colour), second = partners[(seed >>> 3) % 6];
  const figures = [
    () => [s('path', { d: 'M0 11C-16 0-12-12-5-12Q0-11 0-6Q0-11 5-12C12-12 16 0 0 11Z', fill: second })],
    () => [s('path', { d: 'M0-13L4-4L13-4L6 2L9 12L0 6L-9 12L-6 2L-13-4L-4-4Z', fill: '#f3a712' })],
    () => [dot(0, -2, 8, second), path('M-15 7Q-10 2-5 7T5 7T15 7M-11 12Q-6 8-1 12T9 12', first, 2)],
    () => [s('path', { d: 'M-14 10L-4-8L2 2L6-4L14 10Z', fill: first }), dot(8, -9, 3.5, second)],
    () => [s('rect', { x: -15, y: -9, width: 30, height: 5, rx: 1, fill: first }), s('rect', { x: -11, y: -1, width: 22, height: 5, rx: 1, fill: second }), s('rect', { x: -7, y: 7, width: 14, height: 4, rx: 1, fill: first })],
    () => [...[0, 72, 144, 216, 288].map((turn) => s('ellipse', { cx: 0, cy: -7, rx: 4, ry: 6, fill: second, transform: `rotate(${turn})` })), dot(0, 0, 3.6, '#f6d365'), path('M0 10V15', '#4f8a5b', 2)],
  ];
  return s('g', { transform: `translate(${x} ${y})` }, figures[which === 'flower' ? 5 : seed % 6]());
}
