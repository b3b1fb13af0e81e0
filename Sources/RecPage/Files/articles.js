// Draws an article by the words the shop has for its type, colour and pattern.
import { s } from './dom.js';
import { shapes, kinds } from './shapes.js';
import { cloth, motif } from './cloth.js';
import { colourOf, mix, isDark, hash } from './colours.js';

const kindOf = (type) => kinds.find(([, words]) => words.test(type))?.[0] ?? 'box';
let count = 0;

/** An SVG node for a card. It says nothing to those who listen: the name stands beside it. */
export function picture(item) {
  const node = s('svg.picture', { viewBox: '0 0 120 120', 'aria-hidden': 'true', focusable: 'false' });
  node.append(...(item.type ? article(item) : tile(item)));
  return node;
}

function article(item) {
  const kind = kindOf(item.type), shape = shapes[kind], colour = colourOf(item.colour, item.id);
  const edge = isDark(colour) ? mix(colour, '#ffffff', 0.4) : mix(colour, '#000000', 0.42);
  const shade = isDark(colour) ? mix(colour, '#ffffff', 0.12) : mix(colour, '#000000', 0.13);
  const id = `cloth-${count += 1}`;
  const made = shape.no === 'all' ? { fill: colour } : cloth(item.pattern ?? '', colour, id, hash(item.id));
  const seam = made.seam ?? edge;
  const line = (d, width, more) => s('path', { d, fill: 'none', stroke: edge, 'stroke-width': width, 'stroke-linejoin': 'round', 'stroke-linecap': 'round', ...more });
  return [
    s('circle', { cx: 60, cy: 60, r: 54, fill: colour, opacity: 0.13 }),
    s('ellipse', { cx: 60, cy: 112, rx: 36, ry: 3.5, fill: '#000', opacity: 0.1 }),
    made.defs && s('defs', null, made.defs),
    s('g', { opacity: made.sheer ? 0.62 : 1 },
      s('path', { d: shape.d, fill: colour, 'fill-rule': 'evenodd' }),
      made.fill !== colour && s('path', { d: shape.d, fill: made.fill, 'fill-rule': 'evenodd' }),
      shape.e && s('path', { d: shape.e, fill: made.trim ?? shade, opacity: made.trim ? 1 : 0.9 }),
      shape.w && s('path', { d: shape.w, fill: isDark(colour) ? '#f4f2ec' : '#ffffff', stroke: edge, 'stroke-width': 1 })),
    made.print && shape.no !== 'print' && motif(hash(item.id), colour, shape.at, made.print),
    line(shape.d, 1.8),
    shape.e && line(shape.e, 1.2),
    shape.l.map((d) => line(d, made.seam ? 1.4 : 1.2, { stroke: seam, 'stroke-dasharray': made.seam ? '3 2' : null, opacity: made.seam ? 1 : 0.75 })),
    shape.k && s('path', { d: shape.k, 'fill-rule': 'evenodd', fill: kind === 'belt' || kind === 'dungarees' ? '#c9a64b' : edge }),
    shape.b && s('path', { d: shape.b, fill: edge }),
    kind === 'box' && s('text', { x: 39, y: 80, 'text-anchor': 'middle', 'font-size': 17, 'font-weight': 700, 'font-family': 'system-ui, sans-serif', fill: isDark(colour) ? '#fff' : '#222', transform: 'skewY(23)', 'transform-origin': '39px 74px' }, initials(item)),
  ].flat().filter(Boolean);
}

/** Two letters that stand for a name; ids give their last two signs, for the first ones are often alike. */
function initials(item) {
  const name = item.name && item.name !== item.id ? item.name : '';
  const words = name.match(/[\p{L}\p{N}]+/gu)?.filter((word) => !/^(the|a|an|of|and)$/i.test(word)) ?? [];
  const letters = words.length > 1 ? [...words[0]][0] + [...words[1]][0] : words.length === 1 ? [...words[0]].slice(0, 2).join('') : [...item.id].slice(-2).join('');
  return letters.toUpperCase();
}

/** For items of which no type is known: a plain cover, its colours and figure by the id, with initials. */
function tile(item) {
  const seed = hash(item.id), hue = seed % 360, other = (hue + 40 + (seed >>> 9) % 120) % 360;
  const deep = `hsl(${hue} 42% 34%)`, soft = `hsl(${other} 52% 62%)`, figure = (seed >>> 4) % 4;
  const art = [
    [s('circle', { cx: 96, cy: 26, r: 40, fill: soft, opacity: 0.75 }), s('circle', { cx: 96, cy: 26, r: 22, fill: deep, opacity: 0.55 })],
    [0, 1, 2, 3].map((step) => s('path', { d: `M${-10 + step * 34} 120L${44 + step * 34} 0`, stroke: soft, 'stroke-width': 9, opacity: 0.65 })),
    [0, 1, 2].map((step) => s('circle', { cx: 0, cy: 120, r: 44 + step * 24, fill: 'none', stroke: soft, 'stroke-width': 9, opacity: 0.7 - step * 0.15 })),
    [s('path', { d: 'M0 92Q30 66 60 88T120 78V120H0Z', fill: soft, opacity: 0.75 }), s('circle', { cx: 90, cy: 32, r: 15, fill: soft, opacity: 0.9 })],
  ][figure];
  return [s('rect', { width: 120, height: 120, fill: deep }), ...art,
    s('rect', { x: 30, y: 38, width: 60, height: 44, rx: 6, fill: deep, opacity: 0.82 }),
    s('text', { x: 60, y: 70, 'text-anchor': 'middle', 'font-size': 28, 'font-weight': 700, 'font-family': 'system-ui, sans-serif', fill: '#fff' }, initials(item))];
}
