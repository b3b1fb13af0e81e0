// The map of the catalogue: fetching it, moving about in it, and telling what a dot is.
import * as api from './api.js';
import { h, replace, announce, quiet } from './dom.js';
import { number } from './format.js';
import { problem, empty } from './problem.js';
import { readMap, plotter, nearest, colourOf } from './mapdraw.js';
import { listenTo, fillLegend } from './mapmoves.js';

const deepest = 64;
const steps = {
  waiting: 'waiting for its turn', neighbours: 'finding for each article those that the same people like',
  edges: 'weighing how near they are', layout: 'moving the dots until near ones stand together',
};

/** onopen(item) is called when a dot is opened, ondrawn() when the map is there. Gives { node, centre(number, version), end() }. */
export function itemMap({ onopen, ondrawn }) {
  const ended = new AbortController(), { signal } = ended;
  const view = { x: 0.5, y: 0.5, scale: 1, zoom: 1 };
  const hidden = new Uint8Array(256), names = new Map();
  let map = null, width = 0, height = 0, drawAsked = 0, flight = 0, shown = -1, chosen = -1, asking = 0;
  /** Maps that items were said to be on, and that this page has looked for. */
  const lookedFor = new Set();

  const canvas = h('canvas#map', { role: 'img', 'aria-label': 'The map of the catalogue' });
  const tip = h('div.map-tip', { hidden: true }), mark = h('div.map-mark', { hidden: true });
  const frame = h('div.map-frame', {
    tabindex: 0, role: 'application', 'aria-label': 'Map of the catalogue', 'aria-describedby': 'map-help',
  }, canvas, h('div.map-cross', { 'aria-hidden': 'true' }), mark, tip);
  const button = (text, label, act) => h('button', { type: 'button', 'aria-label': label, title: label, onclick: act }, text);
  const buttons = h('div.map-buttons', { hidden: true },
    button('+', 'Zoom in', () => zoomBy(1.6)), button('−', 'Zoom out', () => zoomBy(1 / 1.6)), button('⤢', 'Show the whole map', reset));
  const wait = h('div.map-wait', { hidden: true });
  const legend = h('div#map-legend', { role: 'group', 'aria-label': 'Departments on the map' });
  const node = h('div.map', null,
    h('div.map-stage', null, frame, buttons, wait),
    h('p#map-help.muted', null, 'Drag to move. Once the map is clicked or tapped, the wheel and two fingers zoom. With the keyboard: arrow keys move, + and − zoom, 0 shows the whole map, Enter opens the article in the middle.'),
    legend);

  const plot = plotter(canvas);
  const sized = new ResizeObserver(() => {
    ({ clientWidth: width, clientHeight: height } = frame);
    if (map && width > 0) { plot.resize(width, height, map.count); moved(); }
  });
  const themed = new MutationObserver(paint);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  scheme.addEventListener('change', paint, { signal });
  load();

  async function load() {
    cover(h('p.muted', null, 'The map is on its way …'));
    try {
      for (;;) {
        const answer = await api.map({ signal });
        if (answer.status !== 202) { begin(readMap(answer.data)); return; }
        told(answer.data);
        await new Promise((done) => setTimeout(done, 700));
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!signal.aborted) cover(problem(error, load));
    }
  }

  function cover(...content) {
    wait.hidden = false;
    replace(wait, content);
  }

  /** The bar stays the same node, so that it moves instead of blinking. */
  function told({ progress, step }) {
    let bar = wait.querySelector('progress');
    if (!bar) {
      bar = h('progress', { max: 1, 'aria-label': 'Drawing the map' });
      cover(h('p', null, h('strong', null, 'The map is being drawn.'), ' This is done once for each model.'), bar, h('p.muted'));
    }
    bar.value = progress ?? 0;
    wait.lastChild.textContent = `Now: ${steps[step] ?? step ?? 'working'}.`;
  }

  function begin(read) {
    map = read;
    names.clear();
    hidden.fill(0);
    [shown, chosen] = [-1, -1];
    if (map.count === 0) { cover(empty('Nothing is on the map yet', 'No article has a place: the model has not learned any of them.')); return; }
    wait.hidden = true;
    buttons.hidden = false;
    canvas.setAttribute('aria-label', `The map of the catalogue: ${number(map.count)} dots`);
    fillLegend(legend, map.of, hidden, map.departments, paint);
    sized.observe(frame);
    ({ clientWidth: width, clientHeight: height } = frame);
    plot.resize(width, height, map.count);
    paint();
    moved();
    ondrawn();
    window.__map = { frames, count: map.count };
  }

  /** Fetches the map again, once for a reason: servers beside each other may have drawn different ones. */
  function renew(reason) {
    if (lookedFor.has(reason)) return;
    lookedFor.add(reason);
    map = null;
    load();
  }

  function paint() {
    if (!map) return;
    const rgb = getComputedStyle(frame).backgroundColor.match(/\d+/g).slice(0, 3);
    plot.paint('#' + rgb.map((part) => Number(part).toString(16).padStart(2, '0')).join(''), hidden);
    invalidate();
  }

  /** Draws in the next frame, once, and only when something changed. */
  function invalidate() {
    drawAsked ||= requestAnimationFrame(() => { drawAsked = 0; draw(); });
  }

  function draw() {
    if (!map || signal.aborted) return;
    plot.draw(map, view);
    put(mark, chosen, 0);
    put(tip, shown, 14);
  }

  const screenX = (i) => (map.x[i] - view.x) * view.scale + width / 2;
  const screenY = (i) => (map.y[i] - view.y) * view.scale + height / 2;

  /** A node at a dot; with a gap it stands beside the dot and stays inside of the frame. */
  function put(node, i, gap) {
    const x = i < 0 ? -1 : screenX(i), y = i < 0 ? -1 : screenY(i);
    node.hidden = i < 0 || x < 0 || y < 0 || x > width || y > height;
    if (node.hidden) return;
    const wide = node.offsetWidth, high = node.offsetHeight;
    const left = gap ? Math.max(4, Math.min(width - wide - 4, x + gap + wide > width ? x - gap - wide : x + gap)) : x - wide / 2;
    const top = gap ? Math.max(4, Math.min(height - high - 4, y - high / 2)) : y - high / 2;
    node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  function moved() {
    view.zoom = Math.max(1, Math.min(deepest, view.zoom));
    view.x = Math.max(0, Math.min(1, view.x));
    view.y = Math.max(0, Math.min(1, view.y));
    view.scale = Math.min(width, height) * 0.97 * view.zoom;
    invalidate();
  }

  function pan(dx, dy) {
    if (!map) return;
    cancelAnimationFrame(flight);
    view.x -= dx / view.scale;
    view.y -= dy / view.scale;
    moved();
  }

  /** What is under the given place of the frame stays there. */
  function zoomBy(factor, px = width / 2, py = height / 2) {
    if (!map) return;
    cancelAnimationFrame(flight);
    const before = view.scale;
    view.zoom *= factor;
    moved();
    const kept = 1 / before - 1 / view.scale;
    view.x += (px - width / 2) * kept;
    view.y += (py - height / 2) * kept;
    moved();
  }

  function reset() { fly(0.5, 0.5, 1); }

  function fly(x, y, zoom) {
    cancelAnimationFrame(flight);
    const from = { ...view }, begun = performance.now(), lasts = quiet() ? 0 : 450;
    const step = (now) => {
      const part = lasts ? Math.max(0, Math.min(1, (now - begun) / lasts)) : 1, eased = part * part * (3 - 2 * part);
      view.x = from.x + (x - from.x) * eased;
      view.y = from.y + (y - from.y) * eased;
      view.zoom = from.zoom * (zoom / from.zoom) ** eased;
      moved();
      if (part < 1 && !signal.aborted) flight = requestAnimationFrame(step);
    };
    flight = requestAnimationFrame(step);
  }

  /** The dot of an item in the middle, with a ring, where the number is one of this map. */
  function centre(number, version) {
    if (!map) return;
    if (version && version !== map.version) { renew(version); return; }
    chosen = number != null && number < map.count ? map.at[number] : -1;
    if (chosen >= 0) fly(map.x[chosen], map.y[chosen], Math.max(view.zoom, 6));
    else invalidate();
  }

  const departmentOf = (i) => map.departments[map.place[i]] ?? 'Other';

  /** Shows what a dot is: its department at once, its name when the server has said it. */
  function tell(i, aloud = false) {
    if (i === shown && !aloud) return;
    shown = i;
    clearTimeout(asking);
    if (!map) return;
    if (i >= 0) {
      const swatch = h('span.swatch', { style: { background: colourOf(map.place[i]) } });
      const say = (item) => replace(tip, h('strong', null, item ? item.name : names.has(map.number[i]) ? 'Unknown article' : '…'), h('span', null, swatch, departmentOf(i)));
      say(names.get(map.number[i]));
      asking = setTimeout(async () => {
        const item = await named(map.number[i]).catch(() => null);
        if (shown !== i || signal.aborted || !map) return;
        say(item);
        invalidate();
        if (aloud && item) announce(`${item.name}, ${departmentOf(i)}. Press Enter to open it.`);
      }, aloud ? 250 : 80);
    }
    invalidate();
  }

  async function named(point) {
    if (!names.has(point)) {
      const { items } = await api.points(map.version, [point], { signal }).catch((error) => {
        // Another model serves since this map was drawn: its map is another one.
        if (error.code === 'other_map' && map) renew(`not ${map.version}`);
        throw error;
      });
      if (items[0]) api.remember([items[0]]);
      names.set(point, items[0] ?? null);
    }
    return names.get(point);
  }

  async function open(i) {
    if (i < 0) return;
    try {
      const item = await named(map.number[i]);
      if (item) onopen(item);
    } catch (error) {
      if (!signal.aborted) announce(`That did not work: ${error.message}`);
    }
  }

  const under = (px, py, reach) => (map ? nearest(map, hidden, view.x + (px - width / 2) / view.scale, view.y + (py - height / 2) / view.scale, reach / view.scale) : -1);
  function middle() {
    for (let reach = 16; reach < 2000; reach *= 3) {
      const i = under(width / 2, height / 2, reach);
      if (i >= 0) return i;
    }
    return -1;
  }

  listenTo(frame, {
    pan, zoomBy, reset, openMiddle: () => open(middle()), keyed: () => tell(middle(), true), away: () => tell(-1),
    hover: (x, y) => tell(under(x, y, 12)),
    // A finger has no hover: its first tap tells what the dot is, the second opens it.
    tap(x, y, finger) {
      const i = under(x, y, finger ? 22 : 12);
      if (finger && i !== shown) tell(i);
      else open(i);
    },
  });

  /** Pans for n frames and gives the mean time of one: for measuring. */
  function frames(n) {
    return new Promise((resolve) => {
      const from = { ...view };
      let count = 0, first = 0;
      const step = (now) => {
        if (count === 0) first = now;
        if (count === n || signal.aborted) {
          Object.assign(view, from);
          moved();
          resolve((now - first) / Math.max(1, count));
          return;
        }
        count += 1;
        view.x = from.x + 0.05 * Math.sin(count / 7);
        view.y = from.y + 0.05 * Math.cos(count / 7);
        draw();
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  }

  function end() {
    ended.abort();
    sized.disconnect();
    themed.disconnect();
    cancelAnimationFrame(drawAsked);
    cancelAnimationFrame(flight);
    clearTimeout(asking);
    delete window.__map;
  }
  return { node, centre, end };
}
